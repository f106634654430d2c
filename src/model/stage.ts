import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { Gate, GateInput } from "./gate.ts";
import { DateTime } from "./scalars.ts";
import { Version } from "./version.ts";

/** A stage of a project: where its versions can stand, one stage at a time. */
@ObjectType({ description: "Where versions of a project can stand; a version is in one stage at a time." })
export class Stage {
  projectName!: string;
  /** The time that its holders are asked of; null for now. */
  asOf!: number | null;
  @Field(() => String, { description: "Written like an alias." })
  name!: string;
  @Field(() => Boolean, { description: "Whether one version of an artifact holds it at a time." })
  exclusive!: boolean;
  @Field(() => String, {
    nullable: true,
    description: "The stage that an exclusive one's former holder moves to: archived unless it says otherwise.",
  })
  displacedTo!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "The role that it takes to put a version here or take it away, beyond maintainer.",
  })
  requiredRole!: string | null;
  @Field(() => [Gate], { description: "What it asks of a version that is promoted to it." })
  gates!: Gate[];
}

/** A version that is in a stage. */
@ObjectType({ description: "A version that is in a stage." })
export class StageHolder {
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => DateTime, { description: "Since when, by its artifact's clock." })
  since!: number;
}

/** A stage to add or change. */
@InputType({ description: "A stage to add or change; what is left out stays." })
export class DefineStageInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "1 to 128 letters, digits, `.`, `_` and `-`; not digits alone, not `latest`." })
  name!: string;
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether one version of an artifact holds it at a time; a new stage is not exclusive unless said so.",
  })
  exclusive?: boolean | null;
  @Field(() => String, { nullable: true, description: "Where its former holder moves to; null for archived." })
  displacedTo?: string | null;
  @Field(() => String, {
    nullable: true,
    description: "viewer, contributor, maintainer or admin: who moves versions in or out, maintainer at least.",
  })
  requiredRole?: string | null;
  @Field(() => [GateInput], { nullable: true, description: "All its gates; null or none takes them away." })
  gates?: GateInput[] | null;
}

/** What defining a stage gives. */
@ObjectType({ description: "The stage as it is now." })
export class StagePayload {
  @Field(() => Stage, { description: "The stage as it is now." })
  stage!: Stage;
}
