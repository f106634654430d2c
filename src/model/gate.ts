import "reflect-metadata";
import { Field, Float, InputType, Int, ObjectType } from "type-graphql";
import { Kind, registerEnum } from "./enums.ts";
import { DateTime, Json, VersionRef } from "./scalars.ts";

export const Comparator = registerEnum("Comparator", "How a gate compares a value.", {
  EQ: "Equal to.",
  GT: "Greater than.",
  GTE: "Greater than or equal to.",
  LT: "Less than.",
  LTE: "Less than or equal to.",
});
export type Comparator = keyof typeof Comparator;

@ObjectType({ description: "A condition that a version must meet to be promoted to a stage." })
export class Gate {
  @Field(() => String, { description: "Name, unique within the stage." })
  name!: string;
  @Field(() => Json, {
    description: "The condition as it was defined: a JSON object with `metadata`, `requires` or `approvals`.",
  })
  rule!: unknown;
}

@ObjectType({ description: "Result of checking one gate for a promotion." })
export class GateResult {
  @Field(() => String, { description: "Name of the gate." })
  name!: string;
  @Field(() => Boolean, { description: "Whether the version passed the gate." })
  passed!: boolean;
  @Field(() => Json, { nullable: true, description: "What the gate requires." })
  expected!: unknown;
  @Field(() => Json, {
    nullable: true,
    description: "What was found: the metadata value, the versions, or the approvals; null if nothing.",
  })
  found!: unknown;
}

@ObjectType({
  description: "An approval of a version for a stage. It lapses when the version's metadata changes.",
})
export class Approval {
  @Field(() => String, { description: "Name of the stage." })
  stage!: string;
  @Field(() => String, { description: "Name of the actor who approved." })
  actor!: string;
  @Field(() => String, { nullable: true, description: "The actor's role in the project at that time." })
  role!: string | null;
  @Field(() => String, { nullable: true, description: "Comment given with the approval; null if none." })
  comment!: string | null;
  @Field(() => DateTime, { description: "When it was given." })
  at!: number;
}

@InputType({ description: "A comparison with the version that holds the stage now." })
export class HolderGateInput {
  @Field(() => Float, {
    description: "Margin added to the holder's value before comparing; for LT and LTE it is subtracted.",
  })
  minImprovement!: number;
}

@InputType({ description: "Compares a value in the version's metadata. Give exactly one of `value` and `holder`." })
export class MetadataGateInput {
  @Field(() => String, { description: "Dotted key of the value in the version's metadata." })
  key!: string;
  @Field(() => Comparator, { description: "How to compare; all but EQ compare numbers." })
  op!: Comparator;
  @Field(() => Json, { nullable: true, description: "Value to compare with; a number unless `op` is EQ." })
  value?: unknown;
  @Field(() => HolderGateInput, {
    nullable: true,
    description:
      "Compare with the version that holds the stage now; passes if none does. Only for exclusive stages, and not with EQ.",
  })
  holder?: HolderGateInput | null;
}

@InputType({
  description:
    "Requires certain lineage. Give at least one of the first three fields; all given conditions must hold. Only versions in the stage's project and in `projects` count.",
})
export class LineageGateInput {
  @Field(() => Kind, {
    nullable: true,
    description: "A version of this kind was made directly from it, such as an evaluation.",
  })
  consumerKind?: Kind | null;
  @Field(() => String, {
    nullable: true,
    description:
      "A version with this tag was made directly from it; with `consumerKind`, the same version must have both.",
  })
  consumerTag?: string | null;
  @Field(() => String, {
    nullable: true,
    description:
      "Every version it was made directly from is in the stage of this name in that version's project. An input from a project that does not count fails the gate.",
  })
  inputStage?: string | null;
  @Field(() => [String], {
    nullable: true,
    description:
      "Names of other projects whose versions count too, up to 100. The caller of defineStage must be able to read them.",
  })
  projects?: string[] | null;
}

@InputType({ description: "Requires approvals by different actors." })
export class ApprovalsGateInput {
  @Field(() => Int, { description: "Number of approvals required, 1 to 1,000." })
  count!: number;
  @Field(() => String, {
    nullable: true,
    description: "Count only actors with this role in the project or a stronger one; omit to count all.",
  })
  role?: string | null;
  @Field(() => Boolean, {
    nullable: true,
    description: "Whether an approval by the version's author counts. Default: false.",
  })
  ownAllowed?: boolean | null;
}

@InputType({ description: "One gate. Give exactly one of `metadata`, `requires` and `approvals`." })
export class GateInput {
  @Field(() => String, {
    nullable: true,
    description: "Name, unique within the stage. Default: derived from the condition.",
  })
  name?: string | null;
  @Field(() => MetadataGateInput, { nullable: true, description: "Compares a value in the version's metadata." })
  metadata?: MetadataGateInput | null;
  @Field(() => LineageGateInput, { nullable: true, description: "Requires certain lineage." })
  requires?: LineageGateInput | null;
  @Field(() => ApprovalsGateInput, { nullable: true, description: "Requires approvals." })
  approvals?: ApprovalsGateInput | null;
}

@InputType({ description: "Input of `approve`." })
export class ApproveInput {
  @Field(() => VersionRef, { description: "The version to approve." })
  ref!: string;
  @Field(() => String, { description: "Name of the stage to approve it for." })
  stage!: string;
  @Field(() => String, { nullable: true, description: "Comment to keep with the approval." })
  comment?: string | null;
}
