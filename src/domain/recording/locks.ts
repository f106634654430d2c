import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import type { VersionRow } from "../core/version-row.ts";

const lockByIds = statement<{ ids: string[]; by: string }, { id: string; state: VersionRow["state"] }>("lock-versions");

/**
 * Locks versions until the transaction ends, in the order of their ids, so that no two transactions wait for each other; their artifacts
 * are locked before them where both are. Whoever deletes a version and whoever records that it was read both hold it.
 */
export async function lockVersions(ports: Pick<Ports, "newId">, run: Transaction["run"], ids: Iterable<string>) {
  return run(lockByIds, { ids: [...new Set(ids)].sort(), by: ports.newId() });
}

/** Locks versions that are about to be read; one that was there when its reference was resolved, and is deleted by now, is `GONE`. */
export async function lockInputs(
  ports: Pick<Ports, "newId">,
  run: Transaction["run"],
  inputs: VersionRow[],
): Promise<void> {
  if (!inputs.length) return;
  const rows = new Map(inputs.map((row) => [row.id, row]));
  for (const { id, state } of await lockVersions(ports, run, rows.keys())) {
    const row = rows.get(id);
    if (state === "DELETED" && row?.state !== "DELETED")
      throw new DomainError("GONE", `${row?.key ?? id} was deleted meanwhile, and can't be read any more`, {});
  }
}
