import type { Artifact } from "../../model/artifact.ts";
import type { DeleteArtifactInput, DeleteVersionInput, PruneInput } from "../../model/changes.ts";
import type { Version } from "../../model/version.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Deps } from "../deps.ts";
import { invalid, notFound, Refusal } from "../errors.ts";
import { groupBy } from "../group.ts";
import { artifactsByKey, projectsByName } from "../lists/attached.ts";
import { type Actor, authorise } from "../permissions.ts";
import { toArtifact, toVersion, type VersionRow } from "../rows.ts";
import { rankOf } from "../runs/execution-draft.ts";
import { type NewEvent, writeOnce } from "../write.ts";
import { changeArtifact, lockArtifact } from "./artifacts.ts";
import { lockVersion } from "./change-version.ts";
import { leaveStages } from "./leaving.ts";
import { artifactKey } from "./resolve.ts";
import { lockVersions } from "./version-locks.ts";

type Descent = { descendants: string[]; buried: string[] };
type Held = Descent & { id: string; aliases: string[]; stage: string | null };
type Candidate = Descent & { version: VersionRow; aliases: string[]; stage: string | null };
interface Tombstone {
  [name: string]: string | number | { name: string; rank: string }[] | { [name: string]: string | number };
  id: string;
  at: number;
  aliases: { name: string; rank: string }[];
  changes: { [name: string]: string | number };
}

const holding = statement<{ ids: string[] }, Held>("holding");
const deleteVersions = statement<{ versions: Tombstone[]; actor: string }, { version: VersionRow }>("delete-versions");
const versionsOfArtifact = statement<{ key: string }, { version: VersionRow }>("versions-of-artifact");
const ownBytes = statement<{ ids: string[] }, { bytes: number }>("bytes-of-versions");
const prunable = statement<{ project: string; artifact: string | null }, Candidate>("prunable");

/**
 * Looks behind tombstones: what was made from a version that is gone descends from what that was made from. In place of the buried come
 * the living behind them, each level in one statement.
 */
const behindTombstones = async <D extends Descent>(run: Transaction["run"], held: D[]): Promise<D[]> => {
  const known = new Map<string, Descent>();
  for (let next = [...new Set(held.flatMap(({ buried }) => buried))]; next.length; ) {
    for (const row of await run(holding, { ids: next })) known.set(row.id, row);
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
};

const checkFree = (held: Held[], going: Set<string>): void => {
  const by = held
    .flatMap(({ id, aliases, stage, descendants }) => [
      ...aliases.map((alias) => `alias ${alias} of ${id}`),
      ...(stage ? [`stage ${stage} of ${id}`] : []),
      ...descendants.filter((other) => !going.has(other)).map((other) => `version ${other}`),
    ])
    .sort();
  if (!by.length) return;
  const message = `held by ${by.slice(0, 5).join(", ")}${by.length > 5 ? ` and ${by.length - 5} more` : ""}: force needs the role admin`;
  throw new Refusal("IN_USE", message, { by: by.slice(0, 100) });
};

/** Leaves tombstones in place of versions, or takes only their bytes. Their artifacts are locked; `at` is the time by each artifact's clock. */
const bury = async (
  deps: Deps,
  actor: Actor,
  tx: Transaction,
  rows: { row: VersionRow; at: number }[],
  how: { force: boolean; bytesOnly: boolean },
): Promise<{ rows: VersionRow[]; events: NewEvent[] }> => {
  const ids = rows.map(({ row }) => row.id);
  // Held first, so that nobody begins to read what nobody has read.
  if (!how.force && ids.length) await lockVersions(deps, tx.run, ids);
  const held = ids.length ? await behindTombstones(tx.run, await tx.run(holding, { ids })) : [];
  if (!how.force) checkFree(held, new Set(ids));
  const aliasesOf = new Map(held.map(({ id, aliases }) => [id, aliases]));
  const versions = rows.map(({ row, at }, i): Tombstone => {
    const bytes = { bytesDeletedAt: at, updatedAt: at };
    return {
      id: row.id,
      at,
      aliases: how.bytesOnly
        ? []
        : (aliasesOf.get(row.id) ?? []).map((name) => ({ name, rank: rankOf(at, i, deps.newId()) })),
      changes: how.bytesOnly ? bytes : { ...bytes, state: "DELETED", deletedAt: at },
    };
  });
  const stageOf = new Map(held.map(({ id, stage }) => [id, stage]));
  const left = how.bytesOnly ? [] : rows.map((item) => ({ ...item, stage: stageOf.get(item.row.id) ?? null }));
  const demoted = await leaveStages(deps, actor, tx.run, left);
  const changed = await tx.run(deleteVersions, { versions, actor: actor.name });
  const events = versions.flatMap(({ id, at, aliases }, i): NewEvent[] => {
    const row = rows[i]?.row;
    if (!row) return [];
    const about = { at, project: row.project, artifactKey: row.artifactKey, kind: row.kind };
    const moved = aliases.map(
      (alias): NewEvent => ({ ...about, type: "ALIAS_MOVED", alias: alias.name, previous: id }),
    );
    const demotion = demoted.filter((event) => event.version === id);
    return [...moved, ...demotion, { ...about, type: "VERSION_DELETED", version: id }];
  });
  return { rows: changed.map(({ version }) => version), events };
};

const authoriseDelete = (actor: Actor, project: string, force: boolean | null | undefined): void =>
  authorise(actor, force ? "version:force" : "version:delete", project);

/** Deletes a version, or only its bytes; a tombstone keeps lineage whole. `IN_USE` names what holds it, unless forced. */
export const deleteVersion = async (
  deps: Deps,
  actor: Actor,
  input: DeleteVersionInput,
): Promise<{ version: Version }> => {
  const how = { force: input.force ?? false, bytesOnly: input.bytesOnly ?? false };
  const { result } = await writeOnce(deps, actor, async (tx) => {
    const locked = await lockVersion(deps, actor, tx, input.ref, how.force ? "version:force" : "version:delete");
    const { rows, events } = await bury(deps, actor, tx, [locked], how);
    return { result: rows[0] ?? locked.row, events };
  });
  return { version: toVersion(result) };
};

/** Deletes all versions of an artifact; its numbers stay taken. `IN_USE` names what holds one from outside, unless forced. */
export const deleteArtifact = async (
  deps: Deps,
  actor: Actor,
  input: DeleteArtifactInput,
): Promise<{ artifact: Artifact }> => {
  const { project, name } = input;
  authoriseDelete(actor, project, input.force);
  const key = artifactKey(project, name);
  const { result } = await writeOnce(deps, actor, async (tx) => {
    const { artifact, at } = await lockArtifact(deps, tx, key);
    const found = await tx.run(versionsOfArtifact, { key });
    const how = { force: input.force ?? false, bytesOnly: false };
    const { events } = await bury(
      deps,
      actor,
      tx,
      found.map(({ version }) => ({ row: version, at })),
      how,
    );
    const changes = { deletedAt: at, updatedAt: at };
    const [changed] = await tx.run(changeArtifact, { key, at, changes, addTags: [], removeTags: [] });
    return { result: changed?.artifact ?? artifact, events };
  });
  return { artifact: toArtifact(result) };
};

/** Keeps every candidate from which something that stays was made, and repeats until nothing changes: what goes leaves no living descendant behind. */
const unused = (candidates: Candidate[]): Candidate[] => {
  const going = new Set(candidates.map(({ version }) => version.id));
  for (let before = -1; before !== going.size; ) {
    before = going.size;
    for (const { version, descendants } of candidates) {
      if (descendants.some((id) => !going.has(id))) going.delete(version.id);
    }
  }
  return candidates.filter(({ version }) => going.has(version.id));
};

const isOld = (row: VersionRow, olderThan: number | null | undefined): boolean =>
  olderThan === null || olderThan === undefined || row.createdAt < olderThan;

const choose = (rows: Candidate[], input: PruneInput): Candidate[] => {
  const keep = input.keepLast ?? 1;
  const byArtifact = groupBy(rows, ({ version }) => version.artifactKey);
  const spare = [...byArtifact.values()].flatMap((versions) => versions.slice(keep));
  return spare.filter(({ version, aliases, stage }) => !aliases.length && !stage && isOld(version, input.olderThan));
};

/** Bytes that only these versions have. */
const bytesOf = async (run: Transaction["run"], rows: VersionRow[]): Promise<number> =>
  rows.length ? ((await run(ownBytes, { ids: rows.map((row) => row.id) }))[0]?.bytes ?? 0) : 0;

/** A clean-up of what isn't there is a mistake in a name, not one that has nothing to do. */
const checkThere = async (deps: Deps, project: string, artifact: string | null | undefined): Promise<void> => {
  const [found] = artifact
    ? await artifactsByKey(deps, [artifactKey(project, artifact)])
    : await projectsByName(deps, [project]);
  if (!found) throw notFound(artifact ? `artifact ${artifactKey(project, artifact)}` : `project ${project}`);
};

/**
 * Deletes versions that nobody uses: older than a time, beyond the newest few of each artifact, without an alias or stage, and with nothing that
 * stays made from them. A dry run only says which.
 */
export const prune = async (
  deps: Deps,
  actor: Actor,
  input: PruneInput,
): Promise<{ versions: Version[]; count: number; bytes: number }> => {
  const { project, artifact, keepLast } = input;
  authorise(actor, input.dryRun ? "project:read" : "version:delete", project);
  if (keepLast !== null && keepLast !== undefined && keepLast < 0) throw invalid("keepLast", "0 or more");
  await checkThere(deps, project, artifact);
  const params = { project, artifact: artifact ?? null };
  const answer = (rows: VersionRow[], bytes: number) => ({ versions: rows.map(toVersion), count: rows.length, bytes });
  const candidates = async (run: Transaction["run"]) => behindTombstones(run, await run(prunable, params));
  if (input.dryRun) {
    const rows = unused(choose(await candidates(deps.graph.read), input)).map(({ version }) => version);
    return answer(rows, await bytesOf(deps.graph.read, rows));
  }
  const { result } = await writeOnce(deps, actor, async (tx) => {
    const first = unused(choose(await candidates(tx.run), input)).map(({ version }) => version);
    const times = new Map<string, number>();
    for (const key of [...new Set(first.map((row) => row.artifactKey))].sort())
      times.set(key, (await lockArtifact(deps, tx, key)).at);
    const locked = new Set(
      (first.length
        ? await lockVersions(
            deps,
            tx.run,
            first.map((row) => row.id),
          )
        : []
      ).map(({ id }) => id),
    );
    // Chosen again under the locks: an alias, or a reader, may have come meanwhile.
    const again = choose(await candidates(tx.run), input);
    const chosen = unused(again.filter(({ version }) => locked.has(version.id)));
    const going = chosen.map(({ version }) => ({ row: version, at: times.get(version.artifactKey) ?? deps.now() }));
    const bytes = await bytesOf(
      tx.run,
      chosen.map(({ version }) => version),
    );
    const { rows, events } = await bury(deps, actor, tx, going, { force: true, bytesOnly: false });
    return { result: { rows, bytes }, events };
  });
  return answer(result.rows, result.bytes);
};
