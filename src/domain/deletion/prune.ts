import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { PruneInput, PrunePayload } from "../../model/deletion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { toVersion, type VersionRow, versionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";
import { findArtifacts, findProjects } from "../query/fields.ts";
import { type LockedVersion, lockArtifact, lockVersions } from "../recording/locks.ts";
import { blockerColumns, followTombstones } from "./blockers.ts";
import { deleteVersions } from "./tombstones.ts";

/** A version that may be pruned, and what blocks its deletion. */
const candidate = v.object({ version: versionRow, ...blockerColumns });
type Candidate = v.InferOutput<typeof candidate>;

const findCandidates = statement({
  name: "find-prunable-versions",
  params: { project: v.string(), artifact: v.nullable(v.string()) },
  row: candidate.entries,
});

const countExclusiveBytes = statement({
  name: "count-exclusive-bytes",
  params: { ids: v.array(v.string()) },
  row: { bytes: v.number() },
});

/** Drops candidates from which a version that is kept was made, until none is left: a pruned version has no live descendant. */
function dropAncestorsOfKept(candidates: Candidate[]): Candidate[] {
  const pruned = new Set(candidates.map(({ version }) => version.id));
  for (let before = -1; before !== pruned.size; ) {
    before = pruned.size;
    for (const { version, descendants } of candidates) {
      if (descendants.some((id) => !pruned.has(id))) pruned.delete(version.id);
    }
  }
  return candidates.filter(({ version }) => pruned.has(version.id));
}

/** The candidates beyond the newest `keepLast` of each artifact that are old enough and have neither alias nor stage. */
function selectBeyondRetention(candidates: Candidate[], { keepLast, olderThan }: PruneInput): Candidate[] {
  const byArtifact = groupBy(candidates, ({ version }) => version.artifactKey);
  const beyond = [...byArtifact.values()].flatMap((newestFirst) => newestFirst.slice(keepLast ?? 1));
  const isOld = ({ createdAt }: VersionRow) => !isGiven(olderThan) || createdAt < olderThan;
  return beyond.filter(({ version, aliases, stage }) => !aliases.length && !stage && isOld(version));
}

/** Selects the versions to prune; of those in `among` when it is given. */
async function selectPrunable(
  run: Transaction["run"],
  input: PruneInput,
  among?: ReadonlyMap<string, number>,
): Promise<Candidate[]> {
  const found = await run(findCandidates, { project: input.project, artifact: input.artifact ?? null });
  const beyond = selectBeyondRetention(await followTombstones(run, found, input.project), input);
  return dropAncestorsOfKept(beyond.filter(({ version }) => !among || among.has(version.id)));
}

/** The number of live versions in other projects that were made from these. */
function countElsewhere(candidates: Candidate[]): number {
  return new Set(candidates.flatMap(({ elsewhere }) => elsewhere)).size;
}

function toRows(candidates: Candidate[]): VersionRow[] {
  return candidates.map(({ version }) => version);
}

/** The bytes of files that only these versions have. */
async function getExclusiveBytes(run: Transaction["run"], rows: VersionRow[]): Promise<number> {
  if (!rows.length) return 0;
  const [row] = await run(countExclusiveBytes, { ids: rows.map(({ id }) => id) });
  return row?.bytes ?? 0;
}

/** `NOT_FOUND` when the project or artifact doesn't exist: a misspelled name must not look like nothing to prune. */
async function assertExists(ports: Pick<Ports, "graph">, { project, artifact }: PruneInput): Promise<void> {
  const key = isGiven(artifact) ? artifactKey(project, artifact) : null;
  const [found] = key !== null ? await findArtifacts(ports, [key]) : await findProjects(ports, [project]);
  if (!found) throw notFound(`${key !== null ? `artifact ${key}` : `project ${project}`} does not exist`);
}

/** Locks versions and their artifacts; resolves with the time by its artifact's clock of each version that exists. */
async function lockAll(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  rows: VersionRow[],
): Promise<Map<string, number>> {
  const times = new Map<string, number>();
  for (const key of [...new Set(rows.map(({ artifactKey: of }) => of))].sort())
    times.set(key, (await lockArtifact(ports, tx, key)).at);
  const locked = rows.length
    ? await lockVersions(
        ports,
        tx.run,
        rows.map(({ id }) => id),
      )
    : [];
  const ids = new Set(locked.map(({ id }) => id));
  return new Map(rows.flatMap((row) => (ids.has(row.id) ? [[row.id, times.get(row.artifactKey) ?? 0]] : [])));
}

/** Locks the versions to prune, and selects again under the locks: one of them may have gained an alias or a descendant. */
async function lockPrunable(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  input: PruneInput,
): Promise<{ locked: LockedVersion[]; elsewhere: number }> {
  const times = await lockAll(ports, tx, toRows(await selectPrunable(tx.run, input)));
  const candidates = await selectPrunable(tx.run, input, times);
  const locked = toRows(candidates).map((row) => ({ row, at: times.get(row.id) ?? 0 }));
  return { locked, elsewhere: countElsewhere(candidates) };
}

function toPayload(rows: VersionRow[], bytes: number, consumersElsewhere: number): PrunePayload {
  return { versions: rows.map(toVersion), count: rows.length, bytes, consumersElsewhere };
}

/**
 * Deletes the unused versions of a project or artifact: those beyond the newest `keepLast` of each artifact (1 by default) and older than
 * `olderThan`, without alias, stage or live descendant in the project. Resolves with them and with the bytes that only they had. A dry run deletes nothing.
 */
export async function prune(context: RequestContext<"eventLog">, input: PruneInput): Promise<PrunePayload> {
  const { project, keepLast, dryRun } = input;
  authorize(context.actor, dryRun ? "project:read" : "version:delete", project);
  if (isGiven(keepLast) && keepLast < 0) throw invalid("keepLast", `must be 0 or more, not ${keepLast}`);
  await assertExists(context.ports, input);
  const { read } = context.ports.graph;
  if (dryRun) {
    const candidates = await selectPrunable(read, input);
    const rows = toRows(candidates);
    return toPayload(rows, await getExclusiveBytes(read, rows), countElsewhere(candidates));
  }
  const { result } = await runIdempotent(context, async (tx) => {
    const { locked, elsewhere } = await lockPrunable(context.ports, tx, input);
    const bytes = await getExclusiveBytes(
      tx.run,
      locked.map(({ row }) => row),
    );
    const { rows, events } = await deleteVersions(context, tx, locked, { force: true, bytesOnly: false });
    return { result: { rows, bytes, elsewhere }, events };
  });
  return toPayload(result.rows, result.bytes, result.elsewhere);
}
