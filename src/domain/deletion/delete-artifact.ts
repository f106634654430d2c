import type { Artifact } from "../../model/artifact.ts";
import type { DeleteArtifactInput } from "../../model/deletion.ts";
import { statement } from "../../ports/statement.ts";
import { writeArtifactChanges } from "../artifacts/artifact-changes.ts";
import { toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/locks.ts";
import { deleteVersions } from "./tombstones.ts";

const versionsOfArtifact = statement<{ key: string }, { version: VersionRow }>("find-versions-of-artifact");

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
    const [changed] = await tx.run(writeArtifactChanges, { key, at, changes, addTags: [], removeTags: [] });
    return { result: changed?.artifact ?? artifact, events };
  });
  return { artifact: toArtifact(result) };
}
