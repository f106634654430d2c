import * as v from "valibot";
import { Kind, VersionState } from "../../model/enums.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { type ArtifactRow, artifactRow } from "../core/artifact-row.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type ExecutionRow, executionRow } from "../core/execution-row.ts";
import { sortKey } from "../core/metadata.ts";
import { type Action, type Actor, authorize } from "../core/permissions.ts";
import { type VersionRow, versionRow } from "../core/version-row.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import type { NamedOutput } from "./name-outputs.ts";

// Every lock is held until its transaction ends. Locks of one kind are taken in the order of their keys or ids, and artifacts are locked
// before versions, so that no two transactions wait for each other.

type Run = Transaction["run"];
type LockPorts = Pick<Ports, "newId" | "now">;

/** A locked artifact that gets new versions: the number of its newest version (0 before the first), and the time by its clock. */
const artifactToNumber = v.object({
  key: v.string(),
  kind: v.enum(Kind),
  number: v.number(),
  clock: v.number(),
  /** The newest version that has not been deleted. */
  latest: nullable(versionRow),
});
export type ArtifactToNumber = v.InferOutput<typeof artifactToNumber>;

const newArtifact = v.object({
  key: v.string(),
  id: v.string(),
  project: v.string(),
  name: v.string(),
  kind: v.enum(Kind),
  text: v.string(),
  nameKey: v.string(),
});

const lockOrCreate = statement({
  name: "lock-or-create-artifacts",
  params: { artifacts: v.array(newArtifact), now: v.number() },
  row: artifactToNumber.entries,
});

const lockExisting = statement({
  name: "lock-existing-artifacts",
  params: { keys: v.array(v.string()), by: v.string(), now: v.number() },
  row: { artifact: artifactRow, at: v.number() },
});

const lockById = statement({
  name: "lock-versions",
  params: { ids: v.array(v.string()), by: v.string() },
  row: { id: v.string(), state: v.enum(VersionState) },
});

const lockRunOfExecution = statement({
  name: "lock-execution",
  params: { id: v.string(), by: v.string(), now: v.number() },
  row: { execution: executionRow, run: executionRow, at: v.number() },
});

/** A locked artifact, and the time of the transaction by the artifact's clock. */
interface LockedArtifact {
  artifact: ArtifactRow;
  at: number;
}

/** A version whose artifact is locked, and the time of the transaction by the artifact's clock. */
export interface LockedVersion {
  row: VersionRow;
  at: number;
}

/** A run or step, the run that it is or belongs to, which is locked, and the time of the transaction by that run's clock. */
export interface LockedExecution {
  execution: ExecutionRow;
  run: ExecutionRow;
  at: number;
}

/** Locks the artifacts of new versions by key and advances their clocks; those that don't exist are created. */
export async function lockOrCreateArtifacts(
  ports: Pick<Ports, "newId">,
  run: Run,
  outputs: NamedOutput[],
  now: number,
): Promise<Map<string, ArtifactToNumber>> {
  // The first output of an artifact decides what it is created as.
  const firstByKey = new Map([...outputs].reverse().map((output) => [output.key, output]));
  if (!firstByKey.size) return new Map();
  const artifacts = [...firstByKey.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, name, draft }) => ({
      key,
      id: ports.newId(),
      project: draft.project,
      name,
      kind: draft.kind ?? draft.defaultKind,
      text: name.toLowerCase(),
      nameKey: sortKey(name),
    }));
  return new Map((await run(lockOrCreate, { artifacts, now })).map((row) => [row.key, row]));
}

/** Locks those artifacts of these keys that exist, and advances their clocks. */
export function lockExistingArtifacts(
  ports: LockPorts,
  tx: Transaction,
  keys: Iterable<string>,
): Promise<LockedArtifact[]> {
  return tx.run(lockExisting, { keys: [...new Set(keys)].sort(), by: ports.newId(), now: ports.now() });
}

/** Locks an artifact and advances its clock; `NOT_FOUND` when it doesn't exist. */
export async function lockArtifact(ports: LockPorts, tx: Transaction, key: string): Promise<LockedArtifact> {
  const [locked] = await lockExistingArtifacts(ports, tx, [key]);
  if (!locked) throw notFound(`artifact ${key} does not exist`);
  return locked;
}

async function resolveVersion(run: Run, actor: Actor, text: string): Promise<VersionRow> {
  const row = (await resolveReferences(run, actor, [{ text, field: "ref" }])).get(text);
  if (!row) throw notFound(`version ${text} does not exist`);
  return row;
}

function assertNotDeleted({ state }: VersionRow, ref: string): void {
  if (state === "DELETED") throw new DomainError("GONE", `version ${ref} was deleted`, {});
}

/**
 * Locks the artifact of the version that a reference names; resolves with the version as it is under that lock. `GONE` when it was deleted,
 * `FORBIDDEN` when the actor may not do this in its project.
 */
export async function lockVersion(
  context: RequestContext,
  tx: Transaction,
  ref: string,
  action: Action = "version:label",
): Promise<LockedVersion> {
  const found = await resolveVersion(tx.run, context.actor, ref);
  authorize(context.actor, action, found.project);
  assertNotDeleted(found, ref);
  const { at } = await lockArtifact(context.ports, tx, found.artifactKey);
  // Read again: it may have changed before the lock was taken.
  const row = await resolveVersion(tx.run, context.actor, found.id);
  assertNotDeleted(row, ref);
  return { row, at };
}

/** Locks versions; resolves with their states under the lock. Deleting a version and recording it as an input both take this lock. */
export function lockVersions(ports: Pick<Ports, "newId">, run: Run, ids: Iterable<string>) {
  return run(lockById, { ids: [...new Set(ids)].sort(), by: ports.newId() });
}

/** Locks versions that are about to be recorded as inputs; `GONE` when one was deleted after its reference was resolved. */
export async function lockInputs(ports: Pick<Ports, "newId">, run: Run, inputs: VersionRow[]): Promise<void> {
  if (!inputs.length) return;
  const rows = new Map(inputs.map((row) => [row.id, row]));
  for (const { id, state } of await lockVersions(ports, run, rows.keys())) {
    const row = rows.get(id);
    if (state !== "DELETED" || row?.state === "DELETED") continue;
    throw new DomainError("GONE", `version ${row?.key ?? id} was deleted during this call and can't be an input`, {});
  }
}

/**
 * Locks the run that an execution is or belongs to, advances its clock and counts as a heartbeat of it. `NOT_FOUND` names the input's `field`;
 * `FORBIDDEN` when the actor may not write to its project.
 */
export async function lockExecution(
  context: RequestContext,
  tx: Transaction,
  id: string,
  field: string,
): Promise<LockedExecution> {
  const params = { id, by: context.ports.newId(), now: context.ports.now() };
  const [locked] = await tx.run(lockRunOfExecution, params);
  if (!locked) throw notFound(`${field}: execution ${id} does not exist`);
  authorize(context.actor, "run:write", locked.execution.project);
  return locked;
}
