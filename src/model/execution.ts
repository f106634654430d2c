import "reflect-metadata";
import { Field, Int, InterfaceType, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { Status } from "./enums.ts";
import { Node } from "./node.ts";
import { DateTime, Json } from "./scalars.ts";
import { Version } from "./version.ts";

@ObjectType({ description: "The code that a run or step executed." })
export class Code {
  @Field(() => String, { nullable: true, description: "Location of the source repository; null if not given." })
  repository!: string | null;
  @Field(() => String, { nullable: true, description: "Commit of the repository; null if not given." })
  commit!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "What was started: a file, module or function; null if not given.",
  })
  entryPoint!: string | null;
}

@InterfaceType("Execution", {
  implements: Node,
  description: "A run or a step: something that reads versions and produces versions.",
  resolveType: (value: { label: string }) => value.label,
})
export abstract class Execution extends Node {
  label!: "Run" | "Step";
  projectName!: string;
  createdAt!: number;
  author!: string;
  @Field(() => String, { description: "Name of the run or step." })
  name!: string;
  @Field(() => Status, { description: "Current status." })
  status!: Status;
  @Field(() => Json, { description: "Input parameters, as a JSON object." })
  parameters!: Record<string, unknown>;
  @Field(() => Json, { description: "Metadata, as a JSON object." })
  metadata!: Record<string, unknown>;
  @Field(() => Json, {
    description:
      "Newest value of each metric: that of the highest step, then the latest time, then the last one logged.",
  })
  metrics!: Record<string, unknown>;
  @Field(() => DateTime, { nullable: true, description: "When it started running; null if it has not." })
  startedAt!: number | null;
  @Field(() => DateTime, { nullable: true, description: "When it reached a final status; null if it has not." })
  endedAt!: number | null;
  @Field(() => String, { nullable: true, description: "Why it failed; null if not given." })
  error!: string | null;
  @Field(() => Code, { nullable: true, description: "The code it executed; null if not given." })
  code!: Code | null;
  @Field(() => Json, {
    nullable: true,
    description: "Environment it ran in, such as packages, image and machine, as logged; null if not given.",
  })
  environment!: unknown;
}

@ObjectType({
  simpleResolvers: true,
  implements: [Execution, Node],
  description: "One execution of a pipeline, or of anything else that produces versions.",
})
export class Run extends Execution {
  @Field(() => String, { description: "Name of the actor who started or published it." })
  override author!: string;
  @Field(() => DateTime, { description: "When it was recorded." })
  override createdAt!: number;
  @Field(() => String, { nullable: true, description: "Name of the pipeline; null if none." })
  pipeline!: string | null;
  parentId!: string | null;
  @Field(() => String, { nullable: true, description: "Idempotency key given by the caller; null if none." })
  key!: string | null;
  @Field(() => Int, { nullable: true, description: "Index of this run within a hyperparameter search; null if none." })
  iteration!: number | null;
}

@ObjectType({ simpleResolvers: true, implements: [Execution, Node], description: "One step of a run." })
export class Step extends Execution {
  runId!: string;
  cachedFromId!: string | null;
}

@ObjectType({ description: "A version that a run or step read or produced, with the name of the input or output." })
export class Slot {
  @Field(() => String, { nullable: true, description: "Name of the input or output; null if not given." })
  name!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Role of the version, such as `model` or `reference`; null if not given.",
  })
  role!: string | null;
  @Field(() => Version, { description: "The version." })
  version!: Version;
}

@ObjectType({ description: "A run or step that produced or read a version, with the name of the output or input." })
export class ExecutionSlot {
  @Field(() => Execution, { description: "The run or step." })
  execution!: Run | Step;
  @Field(() => String, { nullable: true, description: "Name of its input or output; null if not given." })
  slot!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Role of the version, such as `model` or `reference`; null if not given.",
  })
  role!: string | null;
}

export const RunConnection = createConnectionType<Run>("Run", () => Run);
export const StepConnection = createConnectionType<Step>("Step", () => Step);
export const SlotConnection = createConnectionType<Slot>("Slot", () => Slot);
export const ExecutionSlotConnection = createConnectionType<ExecutionSlot>("ExecutionSlot", () => ExecutionSlot);

@ObjectType({ description: "Result of `startRun`." })
export class RunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
  @Field(() => Boolean, { description: "False if an earlier call with the same `key` created the run." })
  created!: boolean;
}

@ObjectType({ description: "Result of `publishRun`." })
export class PublishRunPayload {
  @Field(() => Run, { description: "The run." })
  run!: Run;
  @Field(() => Boolean, { description: "False if an earlier call with the same `key` created the run." })
  created!: boolean;
}

@ObjectType({ description: "Result of `startStep`." })
export class StepPayload {
  @Field(() => Step, { description: "The step." })
  step!: Step;
  @Field(() => Boolean, { description: "False if an earlier call with the same `key` created the step." })
  created!: boolean;
}

@ObjectType({ description: "Result of a change to a run or step." })
export class ExecutionPayload {
  @Field(() => Execution, { description: "The run or step after the change." })
  execution!: Run | Step;
}
