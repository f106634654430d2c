import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { findStaleness } from "../domain/lineage/find-staleness.ts";
import { VersionRef } from "../model/scalars.ts";
import { Staleness } from "../model/staleness.ts";
import type { Context } from "./context.ts";

@Resolver()
export class StalenessResolver {
  @Query(() => Staleness, {
    nullable: true,
    description:
      "Whether inputs of a version, direct or transitive, have newer versions; null, with an error, if the reference fails. `TOO_COMPLEX` beyond 100,000 versions, runs and steps.",
  })
  staleness(@Arg("of", () => VersionRef, { description: "The version." }) of: string, @Ctx() context: Context) {
    return findStaleness(context, of);
  }
}
