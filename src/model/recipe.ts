import "reflect-metadata";
import { Field, ObjectType } from "type-graphql";
import { Code, Execution, type Run, type Step } from "./execution.ts";
import { Json } from "./scalars.ts";
import { Version } from "./version.ts";

@ObjectType({ description: "A version that a run or step of a recipe reads or produces." })
export class RecipeSlot {
  @Field(() => String, { nullable: true, description: "Name of the input or output; null if not given." })
  slot!: string | null;
  @Field(() => String, {
    nullable: true,
    description: "Role of the version, such as `model` or `reference`; null if not given.",
  })
  role!: string | null;
  @Field(() => Version, { description: "The version." })
  version!: Version;
  @Field(() => String, {
    nullable: true,
    description: "Digest of the version, to verify its content; null if unknown.",
  })
  digest!: string | null;
}

@ObjectType({ description: "One run or step of a recipe, with what is needed to execute it again." })
export class RecipeStep {
  @Field(() => Execution, { description: "The run or step as it was recorded." })
  execution!: Run | Step;
  @Field(() => String, { description: "Name of the run or step." })
  name!: string;
  @Field(() => Code, { nullable: true, description: "The code it executed; null if not given." })
  code!: Code | null;
  @Field(() => Json, { description: "Input parameters, as a JSON object." })
  parameters!: Record<string, unknown>;
  @Field(() => Json, { nullable: true, description: "Environment it ran in, as logged; null if not given." })
  environment!: unknown;
  @Field(() => [RecipeSlot], {
    description: "Versions it read, by slot. Versions you may not read are omitted and named in `missing`.",
  })
  inputs!: RecipeSlot[];
  @Field(() => [RecipeSlot], {
    description: "All versions it produced, by slot; versions you may not read are omitted.",
  })
  outputs!: RecipeSlot[];
}

@ObjectType({ description: "How a version can be made again." })
export class Recipe {
  /** The version that the recipe makes. */
  version!: Version;
  @Field(() => [RecipeStep], {
    description:
      "Runs and steps in an order in which they can be executed: each comes after those whose outputs it reads. If a version has several producers, the first that completed counts.",
  })
  steps!: RecipeStep[];
  @Field(() => Boolean, { description: "Whether nothing is missing." })
  complete!: boolean;
  @Field(() => [String], {
    description:
      "What is missing: executions without code, versions with neither a producer nor bytes nor a location, what you may not read, cycles, and what lies beyond the nearest 10,000 versions, runs and steps.",
  })
  missing!: string[];
}
