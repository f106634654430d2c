import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { ArtifactRow } from "../core/artifact-row.ts";
import type { Ports } from "../core/context.ts";
import { notFound } from "../core/errors.ts";

type Locked = { artifact: ArtifactRow; at: number };

const lockByKey = statement<{ keys: string[]; by: string; now: number }, Locked>("lock-existing-artifacts");

/** Locks the artifacts of these keys that are there, in the order that every writer takes, and advances their clocks. */
export function lockArtifactsThere(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  keys: Iterable<string>,
): Promise<Locked[]> {
  return tx.run(lockByKey, { keys: [...new Set(keys)].sort(), by: ports.newId(), now: ports.now() });
}

/** Locks an artifact that is there, and advances its clock; `NOT_FOUND` when there is none. */
export async function lockArtifact(ports: Pick<Ports, "newId" | "now">, tx: Transaction, key: string): Promise<Locked> {
  const [locked] = await lockArtifactsThere(ports, tx, [key]);
  if (!locked) throw notFound(`artifact ${key} does not exist`);
  return locked;
}
