import type { DeleteVersionInput } from "../../model/deletion.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { toVersion } from "../core/version-row.ts";
import { lockVersion } from "../recording/locks.ts";
import { deleteVersions } from "./tombstones.ts";

/**
 * Deletes a version, or with `bytesOnly` only its bytes. A tombstone keeps its place in the lineage. `IN_USE`, listing what uses it,
 * unless forced; `GONE` when it is deleted already.
 */
export async function deleteVersion(
  context: RequestContext<"eventLog">,
  input: DeleteVersionInput,
): Promise<{ version: Version }> {
  const options = { force: input.force ?? false, bytesOnly: input.bytesOnly ?? false };
  const action = options.force ? "version:force" : "version:delete";
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockVersion(context, tx, input.ref, action);
    const { rows, events } = await deleteVersions(context, tx, [locked], options);
    return { result: rows[0] ?? locked.row, events };
  });
  return { version: toVersion(result) };
}
