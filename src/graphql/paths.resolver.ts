import { Arg, Ctx, Int, Query, Resolver } from "type-graphql";
import { pathsBetween } from "../domain/paths.ts";
import { LineagePaths } from "../model/paths.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver()
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
    @Ctx() { deps, actor }: Context,
  ) {
    return pathsBetween(deps, actor, { from, to }, first ?? 1);
  }
}
