import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Kind } from "../../model/enums.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { sortKey } from "../core/metadata.ts";
import type { Actor } from "../core/permissions.ts";
import { validateArtifactName } from "../core/validation.ts";
import type { VersionRow } from "../core/version-row.ts";
import { artifactKey } from "../core/version-uri.ts";
import type { Executions } from "./executions.ts";
import { validateLocation } from "./locations.ts";
import { fillLocation, fillName } from "./placeholders.ts";
import { isDraft, type PlannedOutput, type Recording } from "./plan.ts";
import type { VersionDraft } from "./version-draft.ts";

type Run = Transaction["run"];
type LockedArtifact = {
  key: string;
  kind: Kind;
  number: number;
  /** The time by its clock; `ticked` once a version of this call took it, so that the next takes the one after. */
  clock: number;
  ticked?: boolean;
  latest: VersionRow | null;
};

const findBlobs = statement<{ ids: string[]; now: number }, { id: string; size: number }>("find-blobs");
const lockByKey = statement<{ artifacts: Value; now: number }, LockedArtifact>("lock-or-create-artifacts");
const newVersions = statement<{ versions: Value }, { created: number }>("create-versions");

/** A new version whose artifact is known, and what is known of bytes that stay elsewhere or of all its files. */
export interface Named {
  output: PlannedOutput;
  draft: VersionDraft;
  name: string;
  key: string;
  location: string | null;
  size: number | null;
  digest: string | null;
}

/** The name of an output of a step that was given none, with its slot where there are several. */
export function defaultName(output: PlannedOutput): string {
  return output.siblings > 1 && output.slot ? `{pipeline}::{step}::${output.slot}` : "{pipeline}::{step}::output";
}

/** What a name can speak of: the run and step that made the output. */
function contextOf(maker: ReturnType<Executions["get"]>, draft: VersionDraft, at: number) {
  const run = maker?.run ?? (maker?.execution.label === "Run" ? maker.execution : null);
  const step = maker?.execution.label === "Step" ? maker.execution.name : null;
  const { substitutions } = draft;
  return { at, run: run?.name, runId: run?.id ?? null, pipeline: run?.pipeline ?? run?.name, step, substitutions };
}

function nameOutput(
  ports: Pick<Ports, "settings">,
  output: PlannedOutput,
  draft: VersionDraft,
  executions: Executions,
  at: number,
): Named {
  const context = contextOf(executions.get(output.execution ?? ""), draft, at);
  const field = `${draft.field}name`;
  if (draft.template === null && !context.step) {
    throw invalid(field, "an artifact's name is wanted: only outputs of steps have a default");
  }
  const name = validateArtifactName(fillName(draft.template ?? defaultName(output), context, field), field);
  const { location, size, digest } = draft.properties;
  const filled = location && fillLocation(location, draft.project, context.runId, `${draft.field}location`);
  // Again, now that its placeholders are filled: they may lead to another host, or out of the root.
  if (filled) validateLocation(filled, ports.settings.locationSchemes, `${draft.field}location`);
  return { output, draft, name, key: artifactKey(draft.project, name), location: filled, size, digest };
}

/** The names of new versions' artifacts, and their locations, with placeholders filled. */
export function nameOutputs(
  ports: Pick<Ports, "settings">,
  recording: Recording,
  executions: Executions,
  at: number,
): Named[] {
  return recording.outputs.flatMap((output) =>
    isDraft(output.made) ? [nameOutput(ports, output, output.made, executions, at)] : [],
  );
}

function blobId(project: string, digest: string): string {
  return `${project}/${digest}`;
}

/** The sizes of all files' blobs, marked as used, so that no sweep takes them. A blob that isn't there is `NOT_FOUND`. */
export async function findFileSizes(run: Run, named: Named[], now: number): Promise<Map<string, number>> {
  const ids = new Set(named.flatMap(({ draft }) => draft.files.map((file) => blobId(draft.project, file.digest))));
  if (!ids.size) return new Map();
  const sizes = new Map((await run(findBlobs, { ids: [...ids].sort(), now })).map((row) => [row.id, row.size]));
  for (const { draft } of named) {
    draft.files.forEach((file, i) => {
      const size = sizes.get(blobId(draft.project, file.digest));
      const field = `${draft.field}files[${i}]`;
      if (size === undefined) {
        throw notFound(
          `${field}.digest: project ${draft.project} has no blob ${file.digest}; upload it with PUT /blobs first`,
        );
      }
      const declared = file.size ?? size;
      if (declared !== size) throw invalid(`${field}.size`, `the blob has ${size} bytes, not ${declared}`);
    });
  }
  return sizes;
}

/** Locks the artifacts of new versions, created when missing. */
export async function lockArtifacts(
  ports: Pick<Ports, "newId">,
  run: Run,
  named: Named[],
  now: number,
): Promise<Map<string, LockedArtifact>> {
  const first = new Map([...named].reverse().map((item) => [item.key, item]));
  if (!first.size) return new Map();
  const artifacts = [...first.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ key, name, draft }) => ({
      key,
      name,
      id: ports.newId(),
      project: draft.project,
      kind: draft.kind ?? draft.defaultKind,
      text: name.toLowerCase(),
      nameKey: sortKey(name),
    }));
  return new Map((await run(lockByKey, { artifacts, now })).map((row) => [row.key, { ...row }]));
}

/** Files' digests, or location and etag; what has neither is only its metadata. */
function sameContent({ draft, digest, location }: Named, latest: VersionRow): boolean {
  const { etag, metadata } = draft.properties;
  if (digest !== (latest.digest ?? null) || location !== (latest.location ?? null)) return false;
  if (etag !== (latest.etag ?? null)) return false;
  return digest !== null || location !== null || sameJson(metadata, latest.metadata);
}

function sameJson(a: string, b: string): boolean {
  return canonicalJson(JSON.parse(a)) === canonicalJson(JSON.parse(b));
}

/** A new version with its number, or the one that it equals. */
export type NumberedVersion = Named & { row: VersionRow; at: number; created: boolean; artifactKind: Kind };

/** Gives each draft its number and time under its artifact's lock, or the version that it equals. */
export function numberVersions(
  actor: Actor,
  named: Named[],
  locked: Map<string, LockedArtifact>,
  sizes: Map<string, number>,
): NumberedVersion[] {
  return named.map((item) => {
    const artifact = locked.get(item.key);
    if (!artifact) throw new Error(`the artifact ${item.key} was not locked`);
    const { draft } = item;
    if (draft.ifChanged && artifact.latest && !artifact.latest.bytesDeletedAt && sameContent(item, artifact.latest)) {
      return { ...item, row: artifact.latest, at: artifact.clock, created: false, artifactKind: artifact.kind };
    }
    const kind = draft.kind ?? artifact.kind;
    const number = artifact.number + 1;
    const at = artifact.ticked ? artifact.clock + 1 : artifact.clock;
    const bytes = draft.files.reduce((sum, file) => sum + (sizes.get(blobId(draft.project, file.digest)) ?? 0), 0);
    const row: VersionRow = {
      ...draft.properties,
      id: draft.id,
      key: `${item.key}:${number}`,
      project: draft.project,
      artifactKey: item.key,
      artifact: item.name,
      number,
      versionName: draft.versionName,
      kind,
      state: "READY",
      location: item.location,
      digest: item.digest,
      size: draft.files.length ? bytes : item.size,
      author: actor.name,
      createdAt: at,
      updatedAt: at,
      bytesDeletedAt: null,
      deletedAt: null,
    };
    Object.assign(artifact, { number, clock: at, ticked: true, kind, latest: row });
    return { ...item, row, at, created: true, artifactKind: kind };
  });
}

/** Creates the versions that are new. */
export function createVersions(tx: Transaction, placed: NumberedVersion[], references: Map<string, VersionRow>): void {
  const fresh = placed.filter((item) => item.created);
  if (!fresh.length) return;
  const versions = fresh.map(({ draft, row, artifactKind, name }) => ({
    properties: { ...row, text: `${name}\n${row.description ?? ""}`.toLowerCase(), nameKey: sortKey(name) },
    artifactKind,
    tags: draft.tags,
    labels: draft.labels.map(({ key, value }) => ({ key, value })),
    leaves: draft.leaves.map((leaf) => ({ ...leaf })),
    files: draft.files.map(({ path, digest }) => ({ path, blob: blobId(draft.project, digest) })),
    links: draft.links.map(({ rel, reference }) => ({ rel, version: references.get(reference.text)?.id ?? null })),
  }));
  tx.send(newVersions, { versions });
}
