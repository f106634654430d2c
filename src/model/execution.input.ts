import "reflect-metadata";
import { Field, ID, InputType, Int } from "type-graphql";
import { Kind, Status } from "./enums.ts";
import { DateTime, Json, VersionRef } from "./scalars.ts";
import { TagsInput } from "./tags.ts";
import { VersionFields } from "./version.input.ts";

@InputType({ description: "The code that a run or step executes." })
export class CodeInput {
  @Field(() => String, { nullable: true, description: "Location of the source repository." })
  repository?: string | null;
  @Field(() => String, { nullable: true, description: "Commit of the repository." })
  commit?: string | null;
  @Field(() => String, { nullable: true, description: "What is started: a file, module or function." })
  entryPoint?: string | null;
}

@InputType({ description: "A version that was read. Give exactly one of `version` and `step`." })
export class InputSlotInput {
  @Field(() => String, { nullable: true, description: "Name of the input." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "Role of the version, such as `model` or `reference`." })
  role?: string | null;
  @Field(() => VersionRef, { nullable: true, description: "An existing version." })
  version?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Name of a step in this call that produced the version, before or after this one in the list.",
  })
  step?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Output of that step, by slot or by artifact name; required if the step has several outputs.",
  })
  output?: string | null;
}

@InputType({ description: "A version that was produced: an existing version, or the description of a new one." })
export class OutputSlotInput extends VersionFields {
  @Field(() => String, { nullable: true, description: "Name of the output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "Role of the version, such as `model` or `reference`." })
  role?: string | null;
  @Field(() => VersionRef, {
    nullable: true,
    description: "An existing version. If given, of the other fields only `slot` and `role` are allowed.",
  })
  version?: string | null;
  @Field(() => String, { nullable: true, description: "Project of the new version. Default: the project of the run." })
  project?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Artifact of the new version; may contain placeholders. Default for steps: `{pipeline}::{step}::output`, or the slot in place of `output` if there are several. Required for outputs of the run itself.",
  })
  name?: string | null;
  @Field(() => Kind, {
    nullable: true,
    description:
      "Kind of the artifact. Default: the artifact's kind; for a new artifact it follows from what is logged.",
  })
  kind?: Kind | null;
}

/** Fields that describe an execution from its start. */
@InputType()
export abstract class ExecutionFields {
  @Field(() => Json, { nullable: true, description: "Input parameters, as a JSON object." })
  parameters?: unknown;
  @Field(() => Json, { nullable: true, description: "Metadata, as a JSON object." })
  metadata?: unknown;
  @Field(() => [String], { nullable: true, description: "Tags for searching, each 1 to 1,024 characters." })
  tags?: string[] | null;
  @Field(() => CodeInput, { nullable: true, description: "The code it executes." })
  code?: CodeInput | null;
  @Field(() => Json, {
    nullable: true,
    description: "Environment it runs in, such as packages, image and machine, as JSON.",
  })
  environment?: unknown;
}

/** Fields that describe an execution that is published as a whole. */
@InputType()
export abstract class PublishedExecutionFields extends ExecutionFields {
  @Field(() => Status, { nullable: true, description: "Any status. Default: COMPLETED." })
  status?: Status | null;
  @Field(() => DateTime, {
    nullable: true,
    description: "When it started. Default: `endedAt`, or the current time; none for QUEUED.",
  })
  startedAt?: number | null;
  @Field(() => DateTime, {
    nullable: true,
    description: "When it ended; only with a final status. Default: the current time.",
  })
  endedAt?: number | null;
  @Field(() => Json, { nullable: true, description: "Metrics by name, as a JSON object." })
  metrics?: unknown;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error?: string | null;
  @Field(() => [InputSlotInput], { nullable: true, description: "Versions it read." })
  inputs?: InputSlotInput[] | null;
  @Field(() => [OutputSlotInput], { nullable: true, description: "Versions it produced." })
  outputs?: OutputSlotInput[] | null;
}

@InputType({ description: "One step of a published run." })
export class StepInput extends PublishedExecutionFields {
  @Field(() => String, { description: "Name, unique within the call." })
  name!: string;
  @Field(() => ID, { nullable: true, description: "Id of the step whose outputs were reused." })
  cachedFrom?: string | null;
}

@InputType({ description: "Input of `publishRun`: a run with its steps, inputs and outputs." })
export class PublishRunInput extends PublishedExecutionFields {
  @Field(() => String, { description: "Name of the project, created if missing." })
  project!: string;
  @Field(() => String, { nullable: true, description: "Name of the pipeline." })
  pipeline?: string | null;
  @Field(() => String, { nullable: true, description: "Name of the run. Default: the name of the pipeline, or `run`." })
  name?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, unique within the project: repeating the call returns the first result.",
  })
  key?: string | null;
  @Field(() => ID, { nullable: true, description: "Id of the run that this run is a child of." })
  parent?: string | null;
  @Field(() => Int, { nullable: true, description: "Index of this run within a hyperparameter search." })
  iteration?: number | null;
  @Field(() => [StepInput], { nullable: true, description: "Steps of the run, in any order." })
  steps?: StepInput[] | null;
}

@InputType({ description: "Input of `startRun`." })
export class StartRunInput extends ExecutionFields {
  @Field(() => String, { description: "Name of the project, created if missing." })
  project!: string;
  @Field(() => String, { nullable: true, description: "Name of the pipeline." })
  pipeline?: string | null;
  @Field(() => String, { nullable: true, description: "Name of the run. Default: the name of the pipeline, or `run`." })
  name?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, unique within the project: repeating the call returns the first result.",
  })
  key?: string | null;
  @Field(() => Status, { nullable: true, defaultValue: "RUNNING", description: "QUEUED or RUNNING." })
  status?: Status | null;
  @Field(() => ID, { nullable: true, description: "Id of the run that this run is a child of." })
  parent?: string | null;
  @Field(() => Int, { nullable: true, description: "Index of this run within a hyperparameter search." })
  iteration?: number | null;
}

@InputType({ description: "Input of `startStep`." })
export class StartStepInput extends ExecutionFields {
  @Field(() => ID, { description: "Id of the run; it must not have ended." })
  run!: string;
  @Field(() => String, { description: "Name of the step." })
  name!: string;
  @Field(() => String, {
    nullable: true,
    description: "Idempotency key, unique within the run: repeating the call returns the first result.",
  })
  key?: string | null;
  @Field(() => Status, { nullable: true, defaultValue: "RUNNING", description: "Any status but STALE." })
  status?: Status | null;
  @Field(() => ID, { nullable: true, description: "Id of the step whose outputs are reused." })
  cachedFrom?: string | null;
}

@InputType({ description: "Input of `updateExecution`. Omitted fields stay unchanged; `id` alone is a heartbeat." })
export class UpdateExecutionInput {
  @Field(() => ID, { description: "Id of the run or step." })
  id!: string;
  @Field(() => Status, {
    nullable: true,
    description: "New status, any but STALE. `ILLEGAL_TRANSITION` if the current status does not allow it.",
  })
  status?: Status | null;
  @Field(() => Json, {
    nullable: true,
    description: "Top-level metadata keys to set, as a JSON object; other keys stay unchanged.",
  })
  metadata?: unknown;
  @Field(() => Json, {
    nullable: true,
    description: "Top-level parameters to set, as a JSON object; others stay unchanged.",
  })
  parameters?: unknown;
  @Field(() => TagsInput, { nullable: true, description: "Tags to add and to remove." })
  tags?: TagsInput | null;
}

@InputType({ description: "Input of `endExecution`." })
export class EndExecutionInput {
  @Field(() => ID, { description: "Id of the run or step." })
  id!: string;
  @Field(() => Status, {
    description: "Final status: COMPLETED, FAILED or CANCELED; from QUEUED it is CANCELED, CACHED or SKIPPED.",
  })
  status!: Status;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error?: string | null;
  @Field(() => DateTime, { nullable: true, description: "When it ended. Default: the current time." })
  endedAt?: number | null;
}

@InputType({ description: "An existing version that a run or step read or produced." })
export class RecordedSlotInput {
  @Field(() => String, { nullable: true, description: "Name of the input or output." })
  slot?: string | null;
  @Field(() => String, { nullable: true, description: "Role of the version, such as `model` or `reference`." })
  role?: string | null;
  @Field(() => VersionRef, { description: "The version." })
  version!: string;
}

@InputType({
  description: "Input of `recordLineage`. Recording the same version, slot and role again changes nothing.",
})
export class RecordLineageInput {
  @Field(() => ID, { description: "Id of the run or step." })
  execution!: string;
  @Field(() => [RecordedSlotInput], { nullable: true, description: "Existing versions it read." })
  inputs?: RecordedSlotInput[] | null;
  @Field(() => [RecordedSlotInput], { nullable: true, description: "Existing versions it produced." })
  outputs?: RecordedSlotInput[] | null;
}
