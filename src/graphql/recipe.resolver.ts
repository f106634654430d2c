import { Arg, Ctx, FieldResolver, Query, Resolver, Root } from "type-graphql";
import { findRoCrate } from "../domain/files/ro-crate.ts";
import { findRecipe } from "../domain/lineage/find-recipe.ts";
import { Recipe } from "../model/recipe.ts";
import { Json, VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver(() => Recipe)
export class RecipeResolver {
  @Query(() => Recipe, {
    nullable: true,
    description: "How a version can be made again; null, with an error, if the reference fails.",
  })
  recipe(@Arg("of", () => VersionRef, { description: "The version." }) of: string, @Ctx() context: Context) {
    return findRecipe(context, of);
  }

  @FieldResolver(() => Json, {
    description:
      "The recipe as RO-Crate 1.2 JSON-LD with the Process Run Crate profile: one CreateAction per run or step, with its code, inputs, parameters and outputs.",
  })
  roCrate(@Root() recipe: Recipe, @Ctx() context: Context) {
    return findRoCrate(context.ports, recipe);
  }
}
