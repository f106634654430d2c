import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import type { VersionRow } from "../core/version-row.ts";
import { leaveStages } from "../promotion/leave-stages.ts";
import { lockVersions } from "../recording/locks.ts";

/** What was made from a version, step by step: versions that are there, and tombstones. */
export interface Descent {
  descendants: string[];
  buried: string[];
}
type Blockers = Descent & { id: string; aliases: string[]; stage: string | null };
interface Tombstone {
  [name: string]: string | number | { name: string; rank: string }[] | { [name: string]: string | number };
  id: string;
  at: number;
  aliases: { name: string; rank: string }[];
  changes: { [name: string]: string | number };
}

/** A version that goes, and the time by its artifact's clock. */
export interface VersionToDelete {
  row: VersionRow;
  at: number;
}

const findBlockers = statement<{ ids: string[] }, Blockers>("deletion-blockers");
const writeTombstones = statement<{ versions: Tombstone[]; actor: string }, { version: VersionRow }>("delete-versions");

/**
 * Looks behind tombstones: what was made from a version that is gone descends from what that was made from. In place of the buried come
 * the living behind them, each level in one statement.
 */
export async function followTombstones<D extends Descent>(run: Transaction["run"], held: D[]): Promise<D[]> {
  const known = new Map<string, Descent>();
  for (let next = [...new Set(held.flatMap(({ buried }) => buried))]; next.length; ) {
    for (const row of await run(findBlockers, { ids: next })) known.set(row.id, row);
    next = [...new Set(next.flatMap((id) => known.get(id)?.buried ?? []))].filter((id) => !known.has(id));
  }
  const living = (start: Descent): string[] => {
    const found = new Set(start.descendants);
    const seen = new Set(start.buried);
    // A Set is walked in the order of insertion, what is added meanwhile included.
    for (const id of seen) {
      for (const other of known.get(id)?.descendants ?? []) found.add(other);
      for (const other of known.get(id)?.buried ?? []) seen.add(other);
    }
    return [...found];
  };
  return held.map((item) => ({ ...item, descendants: living(item) }));
}

function assertUnused(held: Blockers[], going: Set<string>): void {
  const by = held
    .flatMap(({ id, aliases, stage, descendants }) => [
      ...aliases.map((alias) => `alias ${alias} of ${id}`),
      ...(stage ? [`stage ${stage} of ${id}`] : []),
      ...descendants.filter((other) => !going.has(other)).map((other) => `version ${other}`),
    ])
    .sort();
  if (!by.length) return;
  const message = `held by ${by.slice(0, 5).join(", ")}${by.length > 5 ? ` and ${by.length - 5} more` : ""}: force needs the role admin`;
  throw new DomainError("IN_USE", message, { by: by.slice(0, 100) });
}

function tombstonesOf(
  ports: Pick<Ports, "newId">,
  going: VersionToDelete[],
  held: Blockers[],
  bytesOnly: boolean,
): Tombstone[] {
  const aliasesOf = new Map(held.map(({ id, aliases }) => [id, aliases]));
  return going.map(({ row, at }, i) => {
    const bytes = { bytesDeletedAt: at, updatedAt: at };
    const aliases = bytesOnly ? [] : (aliasesOf.get(row.id) ?? []);
    return {
      id: row.id,
      at,
      aliases: aliases.map((name) => ({ name, rank: orderingKey(at, i, ports.newId()) })),
      changes: bytesOnly ? bytes : { ...bytes, state: "DELETED", deletedAt: at },
    };
  });
}

function eventsOf(going: VersionToDelete[], tombstones: Tombstone[], demoted: NewEvent[]): NewEvent[] {
  return going.flatMap(({ row, at }, i): NewEvent[] => {
    const about = { at, project: row.project, artifactKey: row.artifactKey, kind: row.kind };
    const moved = (tombstones[i]?.aliases ?? []).map(
      ({ name }): NewEvent => ({ ...about, type: "ALIAS_MOVED", alias: name, previous: row.id }),
    );
    const demotion = demoted.filter((event) => event.version === row.id);
    return [...moved, ...demotion, { ...about, type: "VERSION_DELETED", version: row.id }];
  });
}

/** Leaves tombstones in place of versions whose artifacts are locked, or takes only their bytes. `IN_USE` names what holds one, unless forced. */
export async function deleteVersions(
  context: RequestContext,
  tx: Transaction,
  going: VersionToDelete[],
  { force, bytesOnly }: { force: boolean; bytesOnly: boolean },
): Promise<{ rows: VersionRow[]; events: NewEvent[] }> {
  const ids = going.map(({ row }) => row.id);
  // Held first, so that nobody begins to read what nobody has read.
  if (!force && ids.length) await lockVersions(context.ports, tx.run, ids);
  const held = ids.length ? await followTombstones(tx.run, await tx.run(findBlockers, { ids })) : [];
  if (!force) assertUnused(held, new Set(ids));
  const stageOf = new Map(held.map(({ id, stage }) => [id, stage]));
  const left = bytesOnly ? [] : going.map((item) => ({ ...item, stage: stageOf.get(item.row.id) ?? null }));
  const demoted = await leaveStages(context, tx.run, left);
  const versions = tombstonesOf(context.ports, going, held, bytesOnly);
  const changed = await tx.run(writeTombstones, { versions, actor: context.actor.name });
  return { rows: changed.map(({ version }) => version), events: eventsOf(going, versions, demoted) };
}
