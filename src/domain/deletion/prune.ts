import { groupBy } from "../../lib/group-by.ts";
import type { PruneInput } from "../../model/deletion.ts";
import type { Version } from "../../model/version.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";
import { findArtifacts, findProjects } from "../query/fields.ts";
import { lockArtifact, lockVersions } from "../recording/locks.ts";
import { type Descent, deleteVersions, followTombstones, type VersionToDelete } from "./tombstones.ts";

type Candidate = Descent & { version: VersionRow; aliases: string[]; stage: string | null };

const prunable = statement<{ project: string; artifact: string | null }, Candidate>("find-prunable");
const ownBytes = statement<{ ids: string[] }, { bytes: number }>("count-own-bytes");

/** Keeps every candidate from which something that stays was made, and repeats until nothing changes: what goes leaves no living descendant behind. */
function dropAncestorsOfKept(candidates: Candidate[]): Candidate[] {
  const going = new Set(candidates.map(({ version }) => version.id));
  for (let before = -1; before !== going.size; ) {
    before = going.size;
    for (const { version, descendants } of candidates) {
      if (descendants.some((id) => !going.has(id))) going.delete(version.id);
    }
  }
  return candidates.filter(({ version }) => going.has(version.id));
}

function isOld(row: VersionRow, olderThan: number | null | undefined): boolean {
  return olderThan === null || olderThan === undefined || row.createdAt < olderThan;
}

function beyondRetention(rows: Candidate[], input: PruneInput): Candidate[] {
  const keep = input.keepLast ?? 1;
  const byArtifact = groupBy(rows, ({ version }) => version.artifactKey);
  const beyond = [...byArtifact.values()].flatMap((versions) => versions.slice(keep));
  return beyond.filter(({ version, aliases, stage }) => !aliases.length && !stage && isOld(version, input.olderThan));
}

/** Bytes that only these versions have. */
async function bytesOf(run: Transaction["run"], rows: VersionRow[]): Promise<number> {
  return rows.length ? ((await run(ownBytes, { ids: rows.map((row) => row.id) }))[0]?.bytes ?? 0) : 0;
}

/** A clean-up of what isn't there is a mistake in a name, not one that has nothing to do. */
async function checkFound(ports: Pick<Ports, "graph">, { project, artifact }: PruneInput): Promise<void> {
  const [found] = artifact
    ? await findArtifacts(ports, [artifactKey(project, artifact)])
    : await findProjects(ports, [project]);
  const scope = artifact ? `artifact ${artifactKey(project, artifact)}` : `project ${project}`;
  if (!found) throw notFound(`${scope} does not exist`);
}

/** The versions that a clean-up takes, of those that `among` holds: of all without it. */
async function selectPrunable(
  run: Transaction["run"],
  input: PruneInput,
  among?: ReadonlyMap<string, number>,
): Promise<VersionRow[]> {
  const found = await run(prunable, { project: input.project, artifact: input.artifact ?? null });
  const candidates = beyondRetention(await followTombstones(run, found), input);
  return dropAncestorsOfKept(candidates.filter(({ version }) => !among || among.has(version.id))).map(
    ({ version }) => version,
  );
}

/** Locks versions and their artifacts; gives the time by its artifact's clock of each that is there. */
async function lockAll(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  rows: VersionRow[],
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const key of [...new Set(rows.map((row) => row.artifactKey))].sort())
    times.set(key, (await lockArtifact(ports, tx, key)).at);
  const ids = rows.map(({ id }) => id);
  const there = new Set((ids.length ? await lockVersions(ports, tx.run, ids) : []).map(({ id }) => id));
  return new Map(rows.flatMap((row) => (there.has(row.id) ? [[row.id, times.get(row.artifactKey) ?? 0]] : [])));
}

/** Chosen again under the locks: an alias, or a reader, may have come meanwhile. */
async function lockChosen(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  input: PruneInput,
): Promise<VersionToDelete[]> {
  const locked = await lockAll(ports, tx, await selectPrunable(tx.run, input));
  return (await selectPrunable(tx.run, input, locked)).map((row) => ({ row, at: locked.get(row.id) ?? 0 }));
}

/**
 * Deletes versions that nobody uses: older than a time, beyond the newest few of each artifact, without an alias or stage, and with nothing that
 * stays made from them. A dry run only says which.
 */
export async function prune(
  context: RequestContext<"eventLog">,
  input: PruneInput,
): Promise<{ versions: Version[]; count: number; bytes: number }> {
  const { project, keepLast, dryRun } = input;
  authorize(context.actor, dryRun ? "project:read" : "version:delete", project);
  if (keepLast !== null && keepLast !== undefined && keepLast < 0) throw invalid("keepLast", "0 or more");
  await checkFound(context.ports, input);
  const answer = (rows: VersionRow[], bytes: number) => ({ versions: rows.map(toVersion), count: rows.length, bytes });
  const { read } = context.ports.graph;
  if (dryRun) {
    const rows = await selectPrunable(read, input);
    return answer(rows, await bytesOf(read, rows));
  }
  const { result } = await runIdempotent(context, async (tx) => {
    const going = await lockChosen(context.ports, tx, input);
    const bytes = await bytesOf(
      tx.run,
      going.map(({ row }) => row),
    );
    const { rows, events } = await deleteVersions(context, tx, going, { force: true, bytesOnly: false });
    return { result: { rows, bytes }, events };
  });
  return answer(result.rows, result.bytes);
}
