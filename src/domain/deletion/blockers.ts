import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { DomainError } from "../core/errors.ts";

/** Which columns say what blocks the deletion of a version. */
export const blockerColumns = {
  aliases: v.array(v.string()),
  stage: nullable(v.string()),
  /** The versions of its project that were made from it directly and are not deleted. */
  descendants: v.array(v.string()),
  /** Those of other projects, which block nothing: who only reads a project must not keep its versions from being deleted. */
  elsewhere: v.array(v.string()),
  /** The deleted versions that were made from it directly: others may have been made from them. */
  deletedDescendants: v.array(v.string()),
};

const blockers = v.object({ id: v.string(), ...blockerColumns });

/** What blocks the deletion of a version: its aliases, its stage and its descendants. */
export type Blockers = v.InferOutput<typeof blockers>;

type Descendants = Pick<Blockers, "descendants" | "elsewhere" | "deletedDescendants">;

const readBlockers = statement({
  name: "deletion-blockers",
  params: { ids: v.array(v.string()), project: v.string() },
  row: blockers.entries,
});

/** The direct descendants of deleted versions, of those behind them that are deleted too, and so on; one statement per level. */
async function findBehindTombstones(
  run: Transaction["run"],
  deleted: Iterable<string>,
  project: string,
): Promise<Map<string, Descendants>> {
  const found = new Map<string, Descendants>();
  for (let level = [...new Set(deleted)]; level.length; ) {
    const rows = await run(readBlockers, { ids: level, project });
    for (const row of rows) found.set(row.id, row);
    level = [...new Set(rows.flatMap((row) => row.deletedDescendants))].filter((id) => !found.has(id));
  }
  return found;
}

function getLiveDescendants(
  start: Descendants,
  behind: Map<string, Descendants>,
): Pick<Descendants, "descendants" | "elsewhere"> {
  const live = new Set(start.descendants);
  const elsewhere = new Set(start.elsewhere);
  const deleted = new Set(start.deletedDescendants);
  // Iterating over a Set also visits the items that the loop adds to it.
  for (const id of deleted) {
    const next = behind.get(id);
    for (const descendant of next?.descendants ?? []) live.add(descendant);
    for (const descendant of next?.elsewhere ?? []) elsewhere.add(descendant);
    for (const descendant of next?.deletedDescendants ?? []) deleted.add(descendant);
  }
  return { descendants: [...live], elsewhere: [...elsewhere] };
}

/**
 * Follows deleted versions through to their live descendants, one statement per level, and returns the items with these as descendants: in this
 * project, and elsewhere.
 */
export async function followTombstones<D extends Descendants>(
  run: Transaction["run"],
  items: D[],
  project: string,
): Promise<D[]> {
  const behind = await findBehindTombstones(
    run,
    items.flatMap(({ deletedDescendants }) => deletedDescendants),
    project,
  );
  return items.map((item) => ({ ...item, ...getLiveDescendants(item, behind) }));
}

/** Finds what blocks the deletion of versions of a project; their descendants are the live ones. */
export async function findBlockers(run: Transaction["run"], project: string, ids: string[]): Promise<Blockers[]> {
  return ids.length ? followTombstones(run, await run(readBlockers, { ids, project }), project) : [];
}

const maxNamedBlockers = 5;
const maxListedBlockers = 100;

/** `IN_USE`, listing the blockers, when one of the versions has an alias, a stage or a live descendant in its project that is not deleted with them. */
export function assertUnblocked(found: Blockers[], deleted: ReadonlySet<string>): void {
  const by = found
    .flatMap(({ id, aliases, stage, descendants }) => [
      ...aliases.map((alias) => `alias ${alias} of ${id}`),
      ...(stage ? [`stage ${stage} of ${id}`] : []),
      ...descendants.filter((other) => !deleted.has(other)).map((other) => `version ${other}`),
    ])
    .sort();
  if (!by.length) return;
  const others = by.length - maxNamedBlockers;
  const names = by.slice(0, maxNamedBlockers).join(", ") + (others > 0 ? ` and ${others} more` : "");
  const message = `still in use by ${names}; remove these first, or set force, which requires the role admin`;
  throw new DomainError("IN_USE", message, { by: by.slice(0, maxListedBlockers) });
}
