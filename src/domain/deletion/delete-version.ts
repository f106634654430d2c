import type { Artifact } from "../../model/artifact.ts";
import type { DeleteArtifactInput, DeleteVersionInput } from "../../model/deletion.ts";
import type { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import { changeArtifact, lockArtifact } from "../artifacts/update-artifact.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { toArtifact, toVersion, type VersionRow } from "../core/rows.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockVersion } from "../versions/update-version.ts";
import { deleteVersions } from "./tombstones.ts";

const versionsOfArtifact = statement<{ key: string }, { version: VersionRow }>("versions-of-artifact");

/** Deletes a version, or only its bytes; a tombstone keeps lineage whole. `IN_USE` names what holds it, unless forced. */
export async function deleteVersion(
  context: RequestContext<"eventLog">,
  input: DeleteVersionInput,
): Promise<{ version: Version }> {
  const how = { force: input.force ?? false, bytesOnly: input.bytesOnly ?? false };
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockVersion(context, tx, input.ref, how.force ? "version:force" : "version:delete");
    const { rows, events } = await deleteVersions(context, tx, [locked], how);
    return { result: rows[0] ?? locked.row, events };
  });
  return { version: toVersion(result) };
}

/** Deletes all versions of an artifact; its numbers stay taken. `IN_USE` names what holds one from outside, unless forced. */
export async function deleteArtifact(
  context: RequestContext<"eventLog">,
  input: DeleteArtifactInput,
): Promise<{ artifact: Artifact }> {
  const { project, name } = input;
  authorize(context.actor, input.force ? "version:force" : "version:delete", project);
  const key = artifactKey(project, name);
  const { result } = await runIdempotent(context, async (tx) => {
    const { artifact, at } = await lockArtifact(context.ports, tx, key);
    const found = await tx.run(versionsOfArtifact, { key });
    const going = found.map(({ version }) => ({ row: version, at }));
    const { events } = await deleteVersions(context, tx, going, { force: input.force ?? false, bytesOnly: false });
    const changes = { deletedAt: at, updatedAt: at };
    const [changed] = await tx.run(changeArtifact, { key, at, changes, addTags: [], removeTags: [] });
    return { result: changed?.artifact ?? artifact, events };
  });
  return { artifact: toArtifact(result) };
}
