import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";

const lockNames = statement({
  name: "lock-selector-names",
  params: { names: v.array(v.object({ key: v.string(), selectorKey: v.nullable(v.string()) })) },
  row: { key: v.string() },
});

/** A name in a project, by its key `<project>/<name>`, and the key of the selector to assign it to; null for a stage. */
export type NameToLock = { key: string; selectorKey: string | null };

/**
 * Locks names of projects until the transaction ends: a name becomes a stage, or a version name or alias, in one transaction at a time, so that it
 * never becomes both. Selectors that exist need no lock, because a stage of their name is refused. Taken after the locks of artifacts.
 */
export function lockSelectorNames(tx: Transaction, names: NameToLock[]): void {
  tx.send(lockNames, { names: names.sort((a, b) => (a.key < b.key ? -1 : 1)) });
}
