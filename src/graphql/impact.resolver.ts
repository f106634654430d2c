import { Arg, Ctx, Query, Resolver } from "type-graphql";
import { findImpact } from "../domain/lineage/impact.ts";
import { Impact } from "../model/impact.ts";
import { VersionRef } from "../model/scalars.ts";
import type { Context } from "./context.ts";

@Resolver()
export class ImpactResolver {
  @Query(() => Impact, {
    nullable: true,
    description: "What a change of a version would touch; null, with the error, when the reference fails.",
  })
  impact(@Arg("of", () => VersionRef) of: string, @Ctx() context: Context) {
    return findImpact(context, of);
  }
}
