import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { Gate, GateInput } from "./gate.ts";
import { DateTime } from "./scalars.ts";
import { Version } from "./version.ts";

@ObjectType({ description: "A stage of a project, such as `production`. A version is in at most one stage at a time." })
export class Stage {
  projectName!: string;
  /** The time as of which holders are listed; null for now. */
  asOf!: number | null;
  @Field(() => String, { description: "Name, unique within the project." })
  name!: string;
  @Field(() => Boolean, { description: "Whether only one version of each artifact can be in the stage at a time." })
  exclusive!: boolean;
  @Field(() => String, {
    nullable: true,
    description: "Stage that the former holder of an exclusive stage moves to; null if the stage is not exclusive.",
  })
  displacedTo!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Role required to move versions in or out, in addition to `maintainer`; null if none.",
  })
  requiredRole!: string | null;
  @Field(() => [Gate], { description: "Conditions that a version must meet to be promoted to the stage." })
  gates!: Gate[];
}

@ObjectType({ description: "The rules of a stage at some time." })
export class StageRules {
  @Field(() => Boolean, { description: "Whether only one version of each artifact can be in the stage at a time." })
  exclusive!: boolean;
  @Field(() => String, {
    nullable: true,
    description: "Stage that the former holder of an exclusive stage moves to; null if the stage is not exclusive.",
  })
  displacedTo!: string | null;
  @Field(() => String, { nullable: true, description: "Role required to move versions in or out; null if none." })
  requiredRole!: string | null;
  @Field(() => [Gate], { description: "Conditions that a version must meet to be promoted to the stage." })
  gates!: Gate[];
}

@ObjectType({ description: "One change of a stage's rules by `defineStage`." })
export class StageChange {
  @Field(() => DateTime, { description: "When it was done." })
  at!: number;
  @Field(() => String, { description: "Name of the actor who did it." })
  actor!: string;
  @Field(() => StageRules, { nullable: true, description: "The rules before the change; null if the stage is new." })
  before!: StageRules | null;
  @Field(() => StageRules, { description: "The rules after the change." })
  after!: StageRules;
}

@ObjectType({ description: "A version that is in a stage." })
export class StageHolder {
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => DateTime, { description: "When it entered the stage." })
  since!: number;
}

@InputType({ description: "Input of `defineStage`. Omitted fields of an existing stage stay unchanged." })
export class DefineStageInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, {
    description:
      "Name of the stage: 1 to 128 letters, digits, `.`, `_` and `-`; not only digits, not `latest`, and for a new stage no version name or alias of the project.",
  })
  name!: string;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Whether only one version of each artifact can be in the stage at a time. Default for a new stage: false.",
  })
  exclusive?: boolean | null;
  @Field(() => String, {
    nullable: true,
    description: "Stage that the former holder of an exclusive stage moves to; `null` for `archived`, the default.",
  })
  displacedTo?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Role required to move versions in or out: `viewer`, `contributor`, `maintainer` or `admin`; at least `maintainer` is required in any case. `null` for no further role.",
  })
  requiredRole?: string | null;
  @Field(() => [GateInput], {
    nullable: true,
    description:
      "All gates of the stage, up to 100, replacing the existing ones; `null` or an empty list removes them.",
  })
  gates?: GateInput[] | null;
}

@ObjectType({ description: "Result of `defineStage`." })
export class StagePayload {
  @Field(() => Stage, { description: "The stage after the change." })
  stage!: Stage;
}
