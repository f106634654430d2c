import { Arg, Ctx, ID, Query, Resolver } from "type-graphql";
import { compareRuns } from "../domain/lineage/compare-runs.ts";
import { compareVersions } from "../domain/lineage/compare-versions.ts";
import { Comparison } from "../model/compare.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver()
export class CompareResolver {
  @Query(() => Comparison, {
    nullable: true,
    description: "Versions side by side; null, with an error, if a reference fails.",
  })
  compareVersions(
    @Arg("of", () => [VersionRef], { description: "1 to 200 versions." }) of: string[],
    @Ctx() context: Context,
  ) {
    return compareVersions(context, of);
  }

  @Query(() => Comparison, {
    nullable: true,
    description: "Runs side by side; null, with an error, if an id is not found.",
  })
  compareRuns(@Arg("of", () => [ID], { description: "Ids of 1 to 200 runs." }) of: string[], @Ctx() context: Context) {
    return compareRuns(context, of);
  }
}
