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
    description:
      "Deletes a version, or only its bytes. A tombstone keeps its place in the lineage. `IN_USE` names what uses it, unless forced.",
  })
  deleteVersion(@Arg("input", () => DeleteVersionInput) input: DeleteVersionInput, @Ctx() context: Context) {
    return deleteVersion(context, input);
  }

  @Mutation(() => ArtifactPayload, {
    description:
      "Deletes all versions of an artifact; their numbers are not reused. `IN_USE` names what uses a version, unless forced.",
  })
  deleteArtifact(@Arg("input", () => DeleteArtifactInput) input: DeleteArtifactInput, @Ctx() context: Context) {
    return deleteArtifact(context, input);
  }

  @Mutation(() => PrunePayload, { description: "Deletes versions that are not in use, or reports which they are." })
  prune(@Arg("input", () => PruneInput) input: PruneInput, @Ctx() context: Context) {
    return prune(context, input);
  }
}
