import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { findStaleness } from "../domain/lineage/staleness.ts";
import { VersionRef } from "../model/scalars.ts";
import { Staleness } from "../model/staleness.ts";
import type { Context } from "./context.ts";

@Resolver()
export class StalenessResolver {
  @Query(() => Staleness, {
    nullable: true,
    description: "Whether a version's inputs have newer versions; null, with the error, when the reference fails.",
  })
  staleness(@Arg("of", () => VersionRef) of: string, @Ctx() context: Context) {
    return findStaleness(context, of);
  }
}
