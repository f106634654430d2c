import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from "type-graphql";
import { removeAlias } from "../domain/versions/remove-alias.ts";
import { setAlias } from "../domain/versions/set-alias.ts";
import { AliasChange, RemoveAliasInput, SetAliasInput } from "../model/alias.ts";
import { ArtifactPayload } from "../model/artifact.ts";
import { Version, VersionPayload } from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver(() => AliasChange)
export class AliasChangeResolver {
  @Mutation(() => VersionPayload, {
    description: "Points an alias to a version; its former holder loses it at the same moment.",
  })
  setAlias(@Arg("input", () => SetAliasInput) input: SetAliasInput, @Ctx() context: Context) {
    return setAlias(context, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Takes an alias away." })
  removeAlias(@Arg("input", () => RemoveAliasInput) input: RemoveAliasInput, @Ctx() context: Context) {
    return removeAlias(context, input);
  }

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
