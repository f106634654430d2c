import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { removeAlias, setAlias } from "../domain/versions/aliases.ts";
import { updateArtifact } from "../domain/versions/artifacts.ts";
import { updateVersion } from "../domain/versions/change-version.ts";
import { deleteArtifact, deleteVersion } from "../domain/versions/deletion.ts";
import { prune } from "../domain/versions/prune.ts";
import { RemoveAliasInput, SetAliasInput } from "../model/alias.ts";
import {
  ArtifactPayload,
  DeleteArtifactInput,
  DeleteVersionInput,
  PruneInput,
  PrunePayload,
  UpdateArtifactInput,
  UpdateVersionInput,
  VersionPayload,
} from "../model/changes.ts";
import type { Context } from "./context.ts";

@Resolver()
export class ChangesResolver {
  @Mutation(() => VersionPayload, { description: "Changes what may change of a version; its bytes never do." })
  updateVersion(@Arg("input", () => UpdateVersionInput) input: UpdateVersionInput, @Ctx() { deps, actor }: Context) {
    return updateVersion(deps, actor, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Changes an artifact's description and tags." })
  updateArtifact(@Arg("input", () => UpdateArtifactInput) input: UpdateArtifactInput, @Ctx() { deps, actor }: Context) {
    return updateArtifact(deps, actor, input);
  }

  @Mutation(() => VersionPayload, {
    description: "Points an alias to a version; its former holder loses it at the same moment.",
  })
  setAlias(@Arg("input", () => SetAliasInput) input: SetAliasInput, @Ctx() { deps, actor }: Context) {
    return setAlias(deps, actor, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Takes an alias away." })
  removeAlias(@Arg("input", () => RemoveAliasInput) input: RemoveAliasInput, @Ctx() { deps, actor }: Context) {
    return removeAlias(deps, actor, input);
  }

  @Mutation(() => VersionPayload, {
    description: "Deletes a version, or only its bytes; a tombstone keeps lineage whole.",
  })
  deleteVersion(@Arg("input", () => DeleteVersionInput) input: DeleteVersionInput, @Ctx() { deps, actor }: Context) {
    return deleteVersion(deps, actor, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Deletes all versions of an artifact; its numbers stay taken." })
  deleteArtifact(@Arg("input", () => DeleteArtifactInput) input: DeleteArtifactInput, @Ctx() { deps, actor }: Context) {
    return deleteArtifact(deps, actor, input);
  }

  @Mutation(() => PrunePayload, { description: "Deletes versions that nobody uses, or says which they are." })
  prune(@Arg("input", () => PruneInput) input: PruneInput, @Ctx() { deps, actor }: Context) {
    return prune(deps, actor, input);
  }
}
