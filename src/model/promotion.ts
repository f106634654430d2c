import "reflect-metadata";
import { Field, InputType, ObjectType, registerEnumType } from "type-graphql";
import { connectionOf } from "./connection.ts";
import { words } from "./enums.ts";
import { GateResult } from "./gate.ts";
import { Node } from "./node.ts";
import { DateTime, VersionRef } from "./scalars.ts";

/** What was done. */
export const PromotionKind = words("PROMOTED", "DEMOTED", "ROLLED_BACK");
export type PromotionKind = keyof typeof PromotionKind;
registerEnumType(PromotionKind, {
  name: "PromotionKind",
  description: "PROMOTED: into a stage. DEMOTED: out of one, into none. ROLLED_BACK: a former holder came back.",
});

/** One promotion, demotion or rollback: an entry of a history that nothing deletes. */
@ObjectType({
  implements: Node,
  description: "One promotion, demotion or rollback; nothing deletes it, whatever becomes of the version.",
})
export class Promotion extends Node {
  projectName!: string;
  versionId!: string;
  previousId!: string | null;
  @Field(() => PromotionKind, { description: "What was done." })
  kind!: PromotionKind;
  @Field(() => String, { description: "The stage reached; for DEMOTED the stage left." })
  stage!: string;
  @Field(() => String, { nullable: true, description: "The stage that this version held just before." })
  from!: string | null;
  @Field(() => String, { description: "Who did it." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "Why, as given." })
  reason!: string | null;
  @Field(() => Boolean, { description: "Whether it was forced, whatever its gates said." })
  forced!: boolean;
  @Field(() => [GateResult], { description: "What each gate of the stage said, whether it was forced or not." })
  gates!: GateResult[];
  @Field(() => DateTime, { description: "When, by the artifact's clock." })
  at!: number;
}

/** One page of a history of promotions. */
export const PromotionConnection = connectionOf<Promotion>("Promotion", () => Promotion);

/** A version to move into a stage. */
@InputType({ description: "A version to move into a stage." })
export class PromoteInput {
  @Field(() => VersionRef, { description: "The version." })
  version!: string;
  @Field(() => String, { description: "The stage that it shall be in." })
  stage!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description:
      "For an exclusive stage: who must hold it now, null for nobody; left out, whoever does. A stage or alias may move meanwhile and isn't taken.",
  })
  expectedCurrent?: string | null;
  @Field(() => String, { nullable: true, description: "Why, for the history." })
  reason?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Whatever the gates say; needs the role admin, and the history tells that it was forced.",
  })
  force?: boolean | null;
  @Field(() => Boolean, { nullable: true, description: "Only tells what would happen, gates passed or not." })
  dryRun?: boolean | null;
}

/** A version to take out of a stage. */
@InputType({ description: "A version to take out of a stage; it is in none then." })
export class DemoteInput {
  @Field(() => VersionRef, { description: "The version." })
  version!: string;
  @Field(() => String, { description: "The stage that it is in." })
  stage!: string;
  @Field(() => String, { nullable: true, description: "Why, for the history." })
  reason?: string | null;
}

/** An exclusive stage to give back to its holder before. */
@InputType({ description: "An exclusive stage to give back to its holder before; deleted ones are skipped." })
export class RollbackInput {
  @Field(() => String, { description: "The project." })
  project!: string;
  @Field(() => String, { description: "The artifact." })
  name!: string;
  @Field(() => String, { description: "The stage." })
  stage!: string;
  @Field(() => VersionRef, {
    nullable: true,
    description: "Who must hold it now, null for nobody; left out, whoever does.",
  })
  expectedCurrent?: string | null;
  @Field(() => String, { nullable: true, description: "Why, for the history." })
  reason?: string | null;
}

/** What promoting, demoting and rolling back give. */
@ObjectType({ description: "What was done." })
export class PromotePayload {
  promotionId!: string | null;
  previousId!: string | null;
}
