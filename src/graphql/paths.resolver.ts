import type { GraphQLResolveInfo } from "graphql";
import { Arg, Ctx, FieldResolver, Info, Int, Query, Resolver, Root } from "type-graphql";
import { findPaths } from "../domain/lineage/paths.ts";
import { LineageNode } from "../model/lineage.ts";
import { LineagePath, LineagePaths } from "../model/paths.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";
import { withEntities } from "./lineage-things.ts";

@Resolver(() => LineagePath)
export class PathsResolver {
  @Query(() => LineagePaths, {
    nullable: true,
    description: "How data went from a version to another; null, with the error, when a reference fails.",
  })
  paths(
    @Arg("from", () => VersionRef) from: string,
    @Arg("to", () => VersionRef) to: string,
    @Arg("first", () => Int, { nullable: true, defaultValue: 1, description: "How many, 1 to 10." })
    first: number | null,
    @Ctx() context: Context,
  ) {
    return findPaths(context, { from, to }, first ?? 1);
  }

  @FieldResolver(() => [LineageNode], {
    description: "From `from` to `to`, executions among them; `depth` counts from `from`.",
  })
  nodes(@Root() path: LineagePath, @Ctx() context: Context, @Info() info: GraphQLResolveInfo) {
    return withEntities(path, context, info);
  }
}
