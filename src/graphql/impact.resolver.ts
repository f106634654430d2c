import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { findImpact } from "../domain/lineage/find-impact.ts";
import { Impact } from "../model/impact.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver()
export class ImpactResolver {
  @Query(() => Impact, {
    nullable: true,
    description: "What a change to a version would affect; null, with an error, if the reference fails.",
  })
  impact(@Arg("of", () => VersionRef, { description: "The version." }) of: string, @Ctx() context: Context) {
    return findImpact(context, of);
  }
}
