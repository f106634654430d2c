import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";
import { Kind, Status } from "./enums.ts";
import { DateTime, Json, VersionRef } from "./scalars.ts";
import { TagsInput } from "./tags.ts";
import { VersionFields } from "./version.input.ts";

/** The code that an execution runs. */
@InputType({ description: "The code that an execution runs." })
export class CodeInput {
  @Field(() => String, { nullable: true, description: "Where the source is kept." })
  repository?: string | null;
  @Field(() => String, { nullable: true, description: "Which commit of it." })
  commit?: string | null;
  @Field(() => String, { nullable: true, description: "What is started." })
  entryPoint?: string | null;
}

/** A version that was read, or an output of a step of the same call (by slot, or by name). */
@InputType({ description: "A version that was read, or an output of a step of the same call (by slot, or by name)." })
export class InputSlotInput {
  @Field(() => String, { nullable: true, description: "The name of the input." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role?: string | null;
  @Field(() => VersionRef, { nullable: true, description: "The version, when it is there already." })
  version?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The step of this call that makes it; without `output` it must have only one.",
  })
  step?: string | null;
  @Field(() => String, { nullable: true, description: "Which of its outputs: the slot, or the name." })
  output?: string | null;
}

/** A version that was made: one that is there already, or a new one. */
@InputType({ description: "A version that was made: one that is there already, or a new one." })
export class OutputSlotInput extends VersionFields {
  @Field(() => String, { nullable: true, description: "The name of the output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role?: string | null;
  @Field(() => VersionRef, {
    nullable: true,
    description: "A version that is there already; otherwise the rest describes a new one.",
  })
  version?: string | null;
  @Field(() => String, { nullable: true, description: "The run's own when left out." })
  project?: string | null;
  @Field(() => String, { nullable: true, description: "The artifact; `{pipeline}::{step}::output` when left out." })
  name?: string | null;
  @Field(() => Kind, { nullable: true, description: "What it is; by what is logged when left out." })
  kind?: Kind | null;
}

/** What describes an execution from its start. */
@InputType()
export abstract class ExecutionFields {
  @Field(() => Json, { nullable: true, description: "What it was given: a JSON object." })
  parameters?: unknown;
  @Field(() => Json, { nullable: true, description: "What is known of it: a JSON object." })
  metadata?: unknown;
  @Field(() => [String], { nullable: true, description: "Free words." })
  tags?: string[] | null;
  @Field(() => CodeInput, { nullable: true, description: "The code that it runs." })
  code?: CodeInput | null;
  @Field(() => Json, { nullable: true, description: "What it runs in." })
  environment?: unknown;
}

/** What describes an execution that is reported as a whole. */
@InputType()
export abstract class ReportFields extends ExecutionFields {
  @Field(() => Status, { nullable: true, description: "COMPLETED when left out." })
  status?: Status | null;
  @Field(() => DateTime, { nullable: true, description: "When it began." })
  startedAt?: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it ended." })
  endedAt?: number | null;
  @Field(() => Json, { nullable: true, description: "Its metrics by name: a JSON object." })
  metrics?: unknown;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error?: string | null;
  @Field(() => [InputSlotInput], { nullable: true, description: "What it read." })
  inputs?: InputSlotInput[] | null;
  @Field(() => [OutputSlotInput], { nullable: true, description: "What it made." })
  outputs?: OutputSlotInput[] | null;
}

/** A step of a published run. */
@InputType({ description: "A step of a published run." })
export class StepInput extends ReportFields {
  @Field(() => String, { description: "Unique in the call." })
  name!: string;
  @Field(() => ID, { nullable: true, description: "The step whose outputs were taken over." })
  cachedFrom?: string | null;
}

/** A whole run with its steps, inputs and outputs. */
@InputType({ description: "A whole run with its steps, inputs and outputs." })
export class PublishRunInput extends ReportFields {
  @Field(() => String, { description: "Created when missing." })
  project!: string;
  @Field(() => String, { nullable: true, description: "The pipeline that it is a run of." })
  pipeline?: string | null;
  @Field(() => String, { nullable: true, description: "Its name; by the pipeline when left out." })
  name?: string | null;
  @Field(() => String, { nullable: true, description: "Makes the call idempotent in the project." })
  key?: string | null;
  @Field(() => ID, { nullable: true, description: "The run that it is a child of." })
  parent?: string | null;
  @Field(() => Int, { nullable: true, description: "Which child of a hyper-parameter search it is." })
  iteration?: number | null;
  @Field(() => [StepInput], { nullable: true, description: "Its steps, in any order." })
  steps?: StepInput[] | null;
}

/** A run that begins now. */
@InputType({ description: "A run that begins now." })
export class StartRunInput extends ExecutionFields {
  @Field(() => String, { description: "Created when missing." })
  project!: string;
  @Field(() => String, { nullable: true, description: "The pipeline that it is a run of." })
  pipeline?: string | null;
  @Field(() => String, { nullable: true, description: "Its name; by the pipeline when left out." })
  name?: string | null;
  @Field(() => String, { nullable: true, description: "Makes the call idempotent in the project." })
  key?: string | null;
  @Field(() => Status, { nullable: true, defaultValue: "RUNNING", description: "QUEUED or RUNNING." })
  status?: Status | null;
  @Field(() => ID, { nullable: true, description: "The run that it is a child of." })
  parent?: string | null;
  @Field(() => Int, { nullable: true, description: "Which child of a hyper-parameter search it is." })
  iteration?: number | null;
}

/** A step that begins now. */
@InputType({ description: "A step that begins now." })
export class StartStepInput extends ExecutionFields {
  @Field(() => ID, { description: "Its run." })
  run!: string;
  @Field(() => String, { description: "Its name." })
  name!: string;
  @Field(() => String, { nullable: true, description: "Makes the call idempotent in the run." })
  key?: string | null;
  @Field(() => Status, { nullable: true, defaultValue: "RUNNING", description: "Any but STALE." })
  status?: Status | null;
  @Field(() => ID, { nullable: true, description: "The step whose outputs are taken over." })
  cachedFrom?: string | null;
}

/** A change of an execution; any call is a sign of life. */
@InputType({ description: "A change of an execution; any call is a sign of life." })
export class UpdateExecutionInput {
  @Field(() => ID, { description: "The run or step." })
  id!: string;
  @Field(() => Status, { nullable: true, description: "Its new status; legal transitions only." })
  status?: Status | null;
  @Field(() => Json, { nullable: true, description: "Keys to set; the others stay." })
  metadata?: unknown;
  @Field(() => Json, { nullable: true, description: "Keys to set; the others stay." })
  parameters?: unknown;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
}

/** The end of an execution. */
@InputType({ description: "The end of an execution." })
export class EndExecutionInput {
  @Field(() => ID, { description: "The run or step." })
  id!: string;
  @Field(() => Status, { description: "COMPLETED, FAILED or CANCELED." })
  status!: Status;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error?: string | null;
  @Field(() => DateTime, { nullable: true, description: "Now when left out." })
  endedAt?: number | null;
}

/** A version that an execution read or made. */
@InputType({ description: "A version that an execution read or made." })
export class RecordedSlotInput {
  @Field(() => String, { nullable: true, description: "The name of the input or output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role?: string | null;
  @Field(() => VersionRef, { description: "The version." })
  version!: string;
}

/** What an execution read and made, of versions that are there. */
@InputType({ description: "What an execution read and made, of versions that are there." })
export class RecordLineageInput {
  @Field(() => ID, { description: "The run or step." })
  execution!: string;
  @Field(() => [RecordedSlotInput], { nullable: true, description: "What it read." })
  inputs?: RecordedSlotInput[] | null;
  @Field(() => [RecordedSlotInput], { nullable: true, description: "What it made." })
  outputs?: RecordedSlotInput[] | null;
}
