import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import { deleteArtifact } from "../domain/deletion/delete-artifact.ts";
import { deleteVersion } from "../domain/deletion/delete-version.ts";
import { prune } from "../domain/deletion/prune.ts";
import { ArtifactPayload } from "../model/artifact.ts";
import { DeleteArtifactInput, DeleteVersionInput, PruneInput, PrunePayload } from "../model/deletion.ts";
import { VersionPayload } from "../model/version.ts";
import type { Context } from "./context.ts";

@Resolver()
export class DeletionResolver {
  @Mutation(() => VersionPayload, {
    description: "Deletes a version, or only its bytes; a tombstone keeps lineage whole.",
  })
  deleteVersion(@Arg("input", () => DeleteVersionInput) input: DeleteVersionInput, @Ctx() context: Context) {
    return deleteVersion(context, input);
  }

  @Mutation(() => ArtifactPayload, { description: "Deletes all versions of an artifact; its numbers stay taken." })
  deleteArtifact(@Arg("input", () => DeleteArtifactInput) input: DeleteArtifactInput, @Ctx() context: Context) {
    return deleteArtifact(context, input);
  }

  @Mutation(() => PrunePayload, { description: "Deletes versions that nobody uses, or says which they are." })
  prune(@Arg("input", () => PruneInput) input: PruneInput, @Ctx() context: Context) {
    return prune(context, input);
  }
}
