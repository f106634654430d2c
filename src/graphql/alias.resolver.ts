import { Ctx, FieldResolver, Resolver, Root } from "type-graphql";
import { AliasChange } from "../model/alias.ts";
import { Version } from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver(() => AliasChange)
export class AliasChangeResolver {
  @FieldResolver(() => Version, { nullable: true, description: "Who held it before." })
  from(@Root() change: AliasChange, @Ctx() { loaders }: Context) {
    return loaders.at(change).thingOrNull(change.fromId, Version);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "Who held it from then on; null when it was taken away.",
  })
  to(@Root() change: AliasChange, @Ctx() { loaders }: Context) {
    return loaders.at(change).thingOrNull(change.toId, Version);
  }
}
