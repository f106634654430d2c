import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import { findPaths } from "../domain/lineage/find-paths.ts";
import { LineageNode } from "../model/lineage.ts";
import { LineagePath, LineagePaths } from "../model/paths.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";
import { withEntities } from "./lineage-entities.ts";

@Resolver(() => LineagePath)
export class PathsResolver {
  @Query(() => LineagePaths, {
    nullable: true,
    description: "How data went from a version to another; null, with an error, if a reference fails.",
  })
  paths(
    @Arg("from", () => VersionRef, { description: "The version that the paths start from." }) from: string,
    @Arg("to", () => VersionRef, { description: "The version that the paths lead to." }) to: string,
    @Arg("first", () => Int, { nullable: true, defaultValue: 1, description: "Number of paths, 1 to 10." })
    first: number | null,
    @Ctx() context: Context,
  ) {
    return findPaths(context, { from, to }, first ?? 1);
  }

  @FieldResolver(() => [LineageNode], {
    description: "Nodes in order from `from` to `to`, including runs and steps; `depth` is counted from `from`.",
  })
  nodes(@Root() path: LineagePath, @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    return withEntities(path, context, info);
  }
}
