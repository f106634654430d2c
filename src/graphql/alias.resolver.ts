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
    description: "Points an alias to a version. A former holder loses it in the same transaction.",
  })
  setAlias(@Arg("input", () => SetAliasInput) input: SetAliasInput, @Ctx() context: Context) {
    return setAlias(context, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Removes an alias." })
  removeAlias(@Arg("input", () => RemoveAliasInput) input: RemoveAliasInput, @Ctx() context: Context) {
    return removeAlias(context, input);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version that held the alias before; null if none did.",
  })
  from(@Root() change: AliasChange, @Ctx() { loaders }: Context) {
    return loaders.at(change).entityOrNull(change.fromId, Version);
  }

  @FieldResolver(() => Version, {
    nullable: true,
    description: "The version that held the alias afterwards; null if the alias was removed.",
  })
  to(@Root() change: AliasChange, @Ctx() { loaders }: Context) {
    return loaders.at(change).entityOrNull(change.toId, Version);
  }
}
