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
    description: "1 to 200 versions side by side; null, with the error, when a reference fails.",
  })
  compareVersions(@Arg("of", () => [VersionRef]) of: string[], @Ctx() context: Context) {
    return compareVersions(context, of);
  }

  @Query(() => Comparison, {
    nullable: true,
    description: "1 to 200 runs side by side, by id; null, with the error, when one isn't there.",
  })
  compareRuns(@Arg("of", () => [ID]) of: string[], @Ctx() context: Context) {
    return compareRuns(context, of);
  }
}
