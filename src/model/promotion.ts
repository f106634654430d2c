import "reflect-metadata";
import { Field, InputType, ObjectType } from "type-graphql";
import { createConnectionType } from "./connection.ts";
import { registerEnum } from "./enums.ts";
import { GateResult } from "./gate.ts";
import { Node } from "./node.ts";
import { DateTime, VersionRef } from "./scalars.ts";
import { StageRules } from "./stage.ts";

export const PromotionKind = registerEnum("PromotionKind", "How a version moved between stages.", {
  PROMOTED: "Moved into a stage.",
  DEMOTED: "Moved out of a stage, into none.",
  ROLLED_BACK: "A previous holder moved back into a stage.",
});
export type PromotionKind = keyof typeof PromotionKind;

@ObjectType({
  implements: Node,
  description: "One promotion, demotion or rollback. It is kept even if the version is deleted.",
})
export class Promotion extends Node {
  projectName!: string;
  versionId!: string;
  previousId!: string | null;
  @Field(() => PromotionKind, { description: "What was done." })
  kind!: PromotionKind;
  @Field(() => String, { description: "Name of the stage entered; for DEMOTED, the stage left." })
  stage!: string;
  @Field(() => String, {
    nullable: true,
    description: "Name of the stage that the version was in just before; null if none.",
  })
  from!: string | null;
  @Field(() => String, { description: "Name of the actor who did it." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "Reason given for it; null if none." })
  reason!: string | null;
  @Field(() => Boolean, { description: "Whether it was forced, regardless of its gates." })
  forced!: boolean;
  @Field(() => [GateResult], { description: "Result of each gate of the stage, also if it was forced." })
  gates!: GateResult[];
  @Field(() => StageRules, {
    nullable: true,
    description:
      "The rules of the stage by which it was judged, as they were then; null where none were applied, or not recorded.",
  })
  rules!: StageRules | null;
  @Field(() => DateTime, { description: "When it was done." })
  at!: number;
}

export const PromotionConnection = createConnectionType<Promotion>("Promotion", () => Promotion);

@InputType({ description: "Input of `promote`." })
export class PromoteInput {
  @Field(() => VersionRef, { description: "The version to promote." })
  version!: string;
  @Field(() => String, { description: "Name of the stage to move it to." })
  stage!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description:
      "Compare-and-set, for exclusive stages only: the version expected to hold the stage now, by id or number, `null` for none; omit to skip the check.",
  })
  expectedCurrent?: string | null;
  @Field(() => String, { nullable: true, description: "Reason to keep in the history." })
  reason?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description:
      "Promote even if gates fail. Requires the `admin` role; the history records that it was forced. Default: false.",
  })
  force?: boolean | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Only report what would happen; failed gates are no error then. Default: false.",
  })
  dryRun?: boolean | null;
}

@InputType({ description: "Input of `demote`." })
export class DemoteInput {
  @Field(() => VersionRef, { description: "The version to take out of its stage." })
  version!: string;
  @Field(() => String, { description: "Name of the stage that it is in; `CONFLICT` if it is not there." })
  stage!: string;
  @Field(() => String, { nullable: true, description: "Reason to keep in the history." })
  reason?: string | null;
}

@InputType({ description: "Input of `rollback`." })
export class RollbackInput {
  @Field(() => String, { description: "Name of the project." })
  project!: string;
  @Field(() => String, { description: "Name of the artifact." })
  name!: string;
  @Field(() => String, { description: "Name of the exclusive stage." })
  stage!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description:
      "Compare-and-set: the version expected to hold the stage now, by id or number, `null` for none; omit to skip the check.",
  })
  expectedCurrent?: string | null;
  @Field(() => String, { nullable: true, description: "Reason to keep in the history." })
  reason?: string | null;
}

@ObjectType({ description: "Result of `promote`, `demote` and `rollback`." })
export class PromotePayload {
  promotionId!: string | null;
  previousId!: string | null;
}
