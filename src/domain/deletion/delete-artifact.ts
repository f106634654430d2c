import * as v from "valibot";
import type { Artifact } from "../../model/artifact.ts";
import type { DeleteArtifactInput } from "../../model/deletion.ts";
import { statement } from "../../ports/statement.ts";
import { writeArtifactChanges } from "../artifacts/artifact-changes.ts";
import { toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { versionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/locks.ts";
import { deleteVersions } from "./tombstones.ts";

const findVersions = statement({
  name: "find-versions-of-artifact",
  params: { key: v.string() },
  row: { version: versionRow },
});

/**
 * Deletes an artifact with all its versions; their numbers are not given again. `IN_USE`, listing what uses a version from outside the
 * artifact, unless forced; `NOT_FOUND` when the artifact doesn't exist.
 */
export async function deleteArtifact(
  context: RequestContext<"eventLog">,
  input: DeleteArtifactInput,
): Promise<{ artifact: Artifact }> {
  const { project, name } = input;
  const force = input.force ?? false;
  authorize(context.actor, force ? "version:force" : "version:delete", project);
  const key = artifactKey(project, name);
  const { result } = await runIdempotent(context, async (tx) => {
    const { artifact, at } = await lockArtifact(context.ports, tx, key);
    const versions = (await tx.run(findVersions, { key })).map(({ version: row }) => ({ row, at }));
    const { events } = await deleteVersions(context, tx, versions, { force, bytesOnly: false });
    const changes = { deletedAt: at, updatedAt: at };
    const [changed] = await tx.run(writeArtifactChanges, { key, at, changes, addTags: [], removeTags: [] });
    return { result: changed?.artifact ?? artifact, events };
  });
  return { artifact: toArtifact(result) };
}
