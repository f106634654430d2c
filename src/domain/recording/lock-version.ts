import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type Action, authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { lockArtifact } from "./lock-artifact.ts";

/** The version of a reference as it is under its artifact's lock; a deleted one is `GONE`. */
export async function lockVersion(
  context: RequestContext,
  tx: Transaction,
  ref: string,
  action: Action = "version:label",
): Promise<{ row: VersionRow; at: number }> {
  const resolve = async () => (await resolveReferences(tx.run, context.actor, [{ text: ref, field: "ref" }])).get(ref);
  const first = await resolve();
  if (!first) throw notFound(`version ${ref} does not exist`);
  authorize(context.actor, action, first.project);
  if (first.state === "DELETED") throw new DomainError("GONE", `${ref} was deleted`, {});
  const { at } = await lockArtifact(context.ports, tx, first.artifactKey);
  // Read again: what it was before the lock may have changed.
  const row = (await resolveReferences(tx.run, context.actor, [{ text: first.id, field: "ref" }])).get(first.id);
  if (!row || row.state === "DELETED") throw new DomainError("GONE", `${ref} was deleted`, {});
  return { row, at };
}
