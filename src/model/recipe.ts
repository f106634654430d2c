import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { Code, Execution, type Run, type Step } from "./execution.ts";
import { Json } from "./scalars.ts";
import { Version } from "./version.ts";

/** A version that an execution of a recipe reads or makes. */
@ObjectType({ description: "A version that an execution of a recipe reads or makes." })
export class RecipeSlot {
  @Field(() => String, { nullable: true, description: "The name of the input or output." })
  slot!: string | null;
  @Field(() => String, { nullable: true, description: "What the version is to the execution." })
  role!: string | null;
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => String, { nullable: true, description: "Its digest, by which its content is known again." })
  digest!: string | null;
}

/** One execution of a recipe. */
@ObjectType({ description: "One execution of a recipe, with what it takes to run it again." })
export class RecipeStep {
  @Field(() => Execution, { description: "The run or step as it was recorded." })
  execution!: Run | Step;
  @Field(() => String, { description: "Its name." })
  name!: string;
  @Field(() => Code, { nullable: true, description: "The code that it ran." })
  code!: Code | null;
  @Field(() => Json, { description: "What it was given." })
  parameters!: Record<string, unknown>;
  @Field(() => Json, { nullable: true, description: "What it ran in." })
  environment!: unknown;
  @Field(() => [RecipeSlot], {
    description: "What it read, by slot; what you may not read is left out, and named in `missing`.",
  })
  inputs!: RecipeSlot[];
  @Field(() => [RecipeSlot], { description: "All that it made, by slot; what you may not read is left out." })
  outputs!: RecipeSlot[];
}

/** How a version can be made again. */
@ObjectType({ description: "How a version can be made again." })
export class Recipe {
  /** What it is the recipe of. */
  version!: Version;
  @Field(() => [RecipeStep], {
    description:
      "The executions in an order that can be run: each after those whose outputs it reads. Of several producers of a version the one that completed first counts.",
  })
  steps!: RecipeStep[];
  @Field(() => Boolean, { description: "Whether nothing is missing." })
  complete!: boolean;
  @Field(() => [String], {
    description:
      "What is missing: executions without code, versions with neither a producer nor bytes nor a location, what you may not read, cycles, and what lies beyond 10,000 things upstream.",
  })
  missing!: string[];
}
