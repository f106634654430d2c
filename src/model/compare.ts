import "reflect-metadata";
import { Field, Float, ObjectType } from "type-graphql";
import { Json } from "./scalars.ts";

/** One key of a comparison. */
@ObjectType({ description: "One key of a comparison, with what each item has there." })
export class ComparisonRow {
  @Field(() => String, { description: "The key, nested ones joined by dots." })
  key!: string;
  @Field(() => [Json], {
    nullable: "items",
    description: "The value of each item, in the order asked for; null where it has none.",
  })
  values!: unknown[];
  @Field(() => [Float], {
    nullable: "items",
    description: "How much each value is above the first item's; null unless both are numbers.",
  })
  changes!: (number | null)[];
}

/** Several things side by side. */
@ObjectType({ description: "Several things side by side: every key that any of them has, alphabetically." })
export class Comparison {
  @Field(() => [ComparisonRow], { description: "Metadata." })
  metadata!: ComparisonRow[];
  @Field(() => [ComparisonRow], { description: "Parameters: of a version those of its producer and its model block." })
  parameters!: ComparisonRow[];
  @Field(() => [ComparisonRow], { description: "Metrics, from the same." })
  metrics!: ComparisonRow[];
}
