import "reflect-metadata";
import { Field, Int, InterfaceType, ObjectType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { Status } from "./enums.ts";
import { Node } from "./node.ts";
import { DateTime, Json } from "./scalars.ts";
import { Version } from "./version.ts";

/** The code that an execution ran. */
@ObjectType({ description: "The code that an execution ran." })
export class Code {
  @Field(() => String, { nullable: true, description: "Where the source is kept." })
  repository!: string | null;
  @Field(() => String, { nullable: true, description: "Which commit of it." })
  commit!: string | null;
  @Field(() => String, { nullable: true, description: "What was started: a file, a module, a function." })
  entryPoint!: string | null;
}

/** A run or a step: something that reads versions and makes versions. */
@InterfaceType("Execution", {
  implements: Node,
  description: "A run or a step: something that reads versions and makes versions.",
  resolveType: (value: { label: string }) => value.label,
})
export abstract class Execution extends Node {
  label!: "Run" | "Step";
  projectName!: string;
  createdAt!: number;
  author!: string;
  @Field(() => String, { description: "Its name." })
  name!: string;
  @Field(() => Status, { description: "Where it stands." })
  status!: Status;
  @Field(() => Json, { description: "What it was given." })
  parameters!: Record<string, unknown>;
  @Field(() => Json, { description: "What is known of it." })
  metadata!: Record<string, unknown>;
  @Field(() => Json, {
    description:
      "The newest value of each of its metrics: that of the highest step, then the latest time, then the last logged.",
  })
  metrics!: Record<string, unknown>;
  @Field(() => DateTime, { nullable: true, description: "When it began to run." })
  startedAt!: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it came to its final status." })
  endedAt!: number | null;
  @Field(() => String, { nullable: true, description: "Why it failed." })
  error!: string | null;
  @Field(() => Code, { nullable: true, description: "The code that it ran." })
  code!: Code | null;
  @Field(() => Json, { nullable: true, description: "What it ran in: packages, image, machine." })
  environment!: unknown;
}

/** One run of a pipeline. */
@ObjectType({
  simpleResolvers: true,
  implements: [Execution, Node],
  description: "One run of a pipeline, or of anything else that makes versions.",
})
export class Run extends Execution {
  @Field(() => String, { description: "Who started it." })
  override author!: string;
  @Field(() => DateTime, { description: "When it was recorded." })
  override createdAt!: number;
  @Field(() => String, { nullable: true, description: "The pipeline that it is a run of." })
  pipeline!: string | null;
  parentId!: string | null;
  @Field(() => String, { nullable: true, description: "The caller's key, by which a repeated call finds it." })
  key!: string | null;
  @Field(() => Int, { nullable: true, description: "Which child of a hyper-parameter search it is." })
  iteration!: number | null;
}

/** One step of a run. */
@ObjectType({ simpleResolvers: true, implements: [Execution, Node], description: "One step of a run." })
export class Step extends Execution {
  runId!: string;
  cachedFromId!: string | null;
}

/** What an execution reads or makes, and as what. */
@ObjectType({ description: "What an execution reads or makes, and as what." })
export class Slot {
  @Field(() => String, { nullable: true, description: "The name of the input or output." })
  name!: string | null;
  @Field(() => String, { nullable: true, description: "What it is to the execution, such as `model` or `reference`." })
  role!: string | null;
  @Field(() => Version, { description: "The version in it." })
  version!: Version;
}

/** An execution that made or read a version, and as what. */
@ObjectType({ description: "An execution that made or read a version, and as what." })
export class ExecutionSlot {
  @Field(() => Execution, { description: "The run or step." })
  execution!: Run | Step;
  @Field(() => String, { nullable: true, description: "The name of its input or output." })
  slot!: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role!: string | null;
}

/** One page of runs. */
export const RunConnection = connectionOf<Run>("Run", () => Run);
/** One page of steps. */
export const StepConnection = connectionOf<Step>("Step", () => Step);
/** One page of inputs or outputs. */
export const SlotConnection = connectionOf<Slot>("Slot", () => Slot);
/** One page of producers or consumers. */
export const ExecutionSlotConnection = connectionOf<ExecutionSlot>("ExecutionSlot", () => ExecutionSlot);

/** What publishing or starting a run gives. */
@ObjectType({ description: "The run, and whether this call made it." })
export class RunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
  @Field(() => Boolean, { description: "False when a call with the same `key` made it before." })
  created!: boolean;
}

/** What publishing a whole run gives. */
@ObjectType({ description: "The run, and whether this call made it." })
export class PublishRunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
  @Field(() => Boolean, { description: "False when a call with the same `key` made it before." })
  created!: boolean;
}

/** What starting a step gives. */
@ObjectType({ description: "The step, and whether this call made it." })
export class StepPayload {
  @Field(() => Step, { description: "The step." })
  step!: Step;
  @Field(() => Boolean, { description: "False when a call with the same `key` made it before." })
  created!: boolean;
}

/** What a change of an execution gives. */
@ObjectType({ description: "The execution as it is now." })
export class ExecutionPayload {
  @Field(() => Execution, { description: "The execution as it is now." })
  execution!: Run | Step;
}
