import type { DeleteVersionInput } from "../../model/deletion.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { toVersion } from "../core/version-row.ts";
import { lockVersion } from "../recording/locks.ts";
import { deleteVersions } from "./tombstones.ts";

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
