import "reflect-metadata";
import { Field, Float, ObjectType } from "type-graphql";
import { Json } from "./scalars.ts";

@ObjectType({ description: "One key of a comparison, with the value of every compared item." })
export class ComparisonRow {
  @Field(() => String, { description: "The key; nested keys are joined by dots." })
  key!: string;
  @Field(() => [Json], {
    nullable: "items",
    description: "One value per compared item, in the requested order; null if the item lacks the key.",
  })
  values!: unknown[];
  @Field(() => [Float], {
    nullable: "items",
    description: "Difference of each value from the first item's value; null unless both are numbers.",
  })
  changes!: (number | null)[];
}

@ObjectType({ description: "Several items side by side, one row per key that any of them has, in alphabetical order." })
export class Comparison {
  @Field(() => [ComparisonRow], { description: "Rows of the metadata." })
  metadata!: ComparisonRow[];
  @Field(() => [ComparisonRow], {
    description:
      "Rows of the parameters. A version has those of its producer, overridden by those of its `model` block.",
  })
  parameters!: ComparisonRow[];
  @Field(() => [ComparisonRow], {
    description: "Rows of the metrics. A version has those of its producer, overridden by those of its `model` block.",
  })
  metrics!: ComparisonRow[];
}
