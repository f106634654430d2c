import "reflect-metadata";
import { Field, Float, InputType, Int, ObjectType, registerEnumType } from "type-graphql";
import { Kind, words } from "./enums.ts";
import { DateTime, Json, VersionRef } from "./scalars.ts";

/** How a value is compared with what a gate wants. */
export const Comparator = words("EQ", "GT", "GTE", "LT", "LTE");
export type Comparator = keyof typeof Comparator;
registerEnumType(Comparator, { name: "Comparator", description: "How a value is compared with what is wanted." });

/** What a stage asks of a version that is promoted to it. */
@ObjectType({ description: "What a stage asks of a version that is promoted to it." })
export class Gate {
  @Field(() => String, { description: "Its name, once in the stage." })
  name!: string;
  @Field(() => Json, { description: "What it asks, as it was defined: `metadata`, `requires` or `approvals`." })
  rule!: unknown;
}

/** How one gate was found at a promotion. */
@ObjectType({ description: "How one gate was found at a promotion." })
export class GateResult {
  @Field(() => String, { description: "The gate's name." })
  name!: string;
  @Field(() => Boolean, { description: "Whether it let the version through." })
  passed!: boolean;
  @Field(() => Json, { nullable: true, description: "What it asked." })
  expected!: unknown;
  @Field(() => Json, {
    nullable: true,
    description: "What was there instead: the value of the key, the versions, or who approved; null for nothing.",
  })
  found!: unknown;
}

/** The approval of a version for a stage. */
@ObjectType({
  description: "An approval of a version for a stage, as long as the version's metadata stays what it is.",
})
export class Approval {
  @Field(() => String, { description: "The stage that it is for." })
  stage!: string;
  @Field(() => String, { description: "Who approved." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "The role in the project of whoever approved, at that time." })
  role!: string | null;
  @Field(() => String, { nullable: true, description: "What was said." })
  comment!: string | null;
  @Field(() => DateTime, { description: "When, by the artifact's clock." })
  at!: number;
}

/** How much better than the present holder. */
@InputType({ description: "Compare with the present holder of the stage." })
export class HolderGateInput {
  @Field(() => Float, { description: "Added to the holder's value (for LT and LTE taken from it) before comparing." })
  minImprovement!: number;
}

/** A comparison of a version's metadata. */
@InputType({ description: "A comparison of the version's metadata with a value, or with what the present holder has." })
export class MetadataGateInput {
  @Field(() => String, { description: "The key in the version's metadata, nested ones joined by dots." })
  key!: string;
  @Field(() => Comparator, { description: "How it is compared. All but EQ compare numbers." })
  op!: Comparator;
  @Field(() => Json, { nullable: true, description: "Compare with this: a number, unless with EQ." })
  value?: unknown;
  @Field(() => HolderGateInput, {
    nullable: true,
    description: "Compare with the present holder of the stage; passes when nobody holds it.",
  })
  holder?: HolderGateInput | null;
}

/** Lineage that must be there. */
@InputType({ description: "Lineage that must be there; what is given must all hold." })
export class LineageGateInput {
  @Field(() => Kind, { nullable: true, description: "A version of this kind was made from it, such as an evaluation." })
  consumerKind?: Kind | null;
  @Field(() => String, { nullable: true, description: "A version with this tag was made from it." })
  consumerTag?: string | null;
  @Field(() => String, { nullable: true, description: "Every version that it was made from is in this stage." })
  inputStage?: string | null;
}

/** Approvals that must be there. */
@InputType({ description: "Approvals that must be there, of different actors." })
export class ApprovalsGateInput {
  @Field(() => Int, { description: "How many, at least 1." })
  count!: number;
  @Field(() => String, {
    nullable: true,
    description: "Only of those with this role in the project, or a stronger one.",
  })
  role?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether whoever logged the version may approve it: no, unless said so.",
  })
  ownAllowed?: boolean | null;
}

/** One gate of a stage. */
@InputType({ description: "One gate: one of `metadata`, `requires` and `approvals`." })
export class GateInput {
  @Field(() => String, { nullable: true, description: "Its name in the stage; made from what it asks when left out." })
  name?: string | null;
  @Field(() => MetadataGateInput, { nullable: true, description: "A comparison of the version's metadata." })
  metadata?: MetadataGateInput | null;
  @Field(() => LineageGateInput, { nullable: true, description: "Lineage that must be there." })
  requires?: LineageGateInput | null;
  @Field(() => ApprovalsGateInput, { nullable: true, description: "Approvals that must be there." })
  approvals?: ApprovalsGateInput | null;
}

/** A version to approve for a stage. */
@InputType({ description: "A version to approve for a stage." })
export class ApproveInput {
  @Field(() => VersionRef, { description: "The version." })
  ref!: string;
  @Field(() => String, { description: "The stage." })
  stage!: string;
  @Field(() => String, { nullable: true, description: "What there is to say." })
  comment?: string | null;
}
