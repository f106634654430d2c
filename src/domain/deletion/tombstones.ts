import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { type VersionRow, versionRow } from "../core/version-row.ts";
import { leaveStages } from "../promotion/leave-stages.ts";
import { type LockedVersion, lockVersions } from "../recording/locks.ts";
import { assertUnblocked, type Blockers, findBlockers } from "./blockers.ts";

const tombstone = v.object({
  id: v.string(),
  at: v.number(),
  aliases: v.array(v.object({ name: v.string(), rank: v.string() })),
  changes: v.object({
    bytesDeletedAt: v.number(),
    updatedAt: v.number(),
    state: v.optional(v.literal("DELETED")),
    deletedAt: v.optional(v.number()),
  }),
});
type Tombstone = v.InferOutput<typeof tombstone>;

const writeTombstones = statement({
  name: "delete-versions",
  params: { versions: v.array(tombstone), actor: v.string() },
  row: { version: versionRow },
});

/** How to delete: although something blocks it (`force`), and only the bytes (`bytesOnly`). */
interface DeletionOptions {
  force: boolean;
  bytesOnly: boolean;
}

function toTombstones(
  ports: Pick<Ports, "newId">,
  versions: LockedVersion[],
  blockers: Blockers[],
  bytesOnly: boolean,
): Tombstone[] {
  const aliasesById = new Map(blockers.map(({ id, aliases }) => [id, aliases]));
  return versions.map(({ row, at }, i) => {
    const bytes = { bytesDeletedAt: at, updatedAt: at };
    const aliases = bytesOnly ? [] : (aliasesById.get(row.id) ?? []);
    return {
      id: row.id,
      at,
      aliases: aliases.map((name) => ({ name, rank: orderingKey(at, i, ports.newId()) })),
      changes: bytesOnly ? bytes : { ...bytes, state: "DELETED", deletedAt: at },
    };
  });
}

/** Of each version: the aliases that it lost, the stage that it left, and then its deletion. */
function toDeletionEvents(versions: LockedVersion[], tombstones: Tombstone[], demotions: NewEvent[]): NewEvent[] {
  return versions.flatMap(({ row, at }, i): NewEvent[] => {
    const { id, project, artifactKey, kind } = row;
    const about = { at, project, artifactKey, kind };
    const aliases = tombstones[i]?.aliases ?? [];
    return [
      ...aliases.map(({ name }): NewEvent => ({ ...about, type: "ALIAS_MOVED", alias: name, previous: id })),
      ...demotions.filter(({ version }) => version === id),
      { ...about, type: "VERSION_DELETED", version: id },
    ];
  });
}

/**
 * Turns versions of one project whose artifacts are locked into tombstones, without aliases and stage, or deletes only their bytes. `IN_USE`, listing what
 * uses them, unless forced.
 */
export async function deleteVersions(
  context: RequestContext,
  tx: Transaction,
  versions: LockedVersion[],
  { force, bytesOnly }: DeletionOptions,
): Promise<{ rows: VersionRow[]; events: NewEvent[] }> {
  const ids = versions.map(({ row }) => row.id);
  // Locked before the check, so that no other transaction records one of them as an input in between.
  if (!force && ids.length) await lockVersions(context.ports, tx.run, ids);
  const blockers = await findBlockers(tx.run, versions[0]?.row.project ?? "", ids);
  if (!force) assertUnblocked(blockers, new Set(ids));
  const stages = new Map(blockers.map(({ id, stage }) => [id, stage]));
  const leaving = bytesOnly ? [] : versions.map((item) => ({ ...item, stage: stages.get(item.row.id) ?? null }));
  const demotions = await leaveStages(context, tx.run, leaving);
  const tombstones = toTombstones(context.ports, versions, blockers, bytesOnly);
  const deleted = await tx.run(writeTombstones, { versions: tombstones, actor: context.actor.name });
  return { rows: deleted.map(({ version }) => version), events: toDeletionEvents(versions, tombstones, demotions) };
}
