import { canonicalJson } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Actor } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { toBlobId } from "./file-sizes.ts";
import type { ArtifactToNumber } from "./locks.ts";
import type { NamedOutput } from "./name-outputs.ts";

/** A new version with its number, or, where `created` is false, the existing version that has the same content. */
export interface NumberedVersion extends NamedOutput {
  row: VersionRow;
  /** When this call logged it, by the clock of its artifact. */
  at: number;
  created: boolean;
}

/** The paths of existing versions that have a single file, by the version's id. */
export type OnlyPaths = ReadonlyMap<string, string>;

/** A locked artifact after some of a call's versions have been numbered; `clockAdvanced` once one of them took the time of its clock. */
type ArtifactState = ArtifactToNumber & { clockAdvanced?: boolean };

function isSameJson(a: string, b: string): boolean {
  return canonicalJson(JSON.parse(a)) === canonicalJson(JSON.parse(b));
}

/**
 * Compares files, or locations and etags; versions that have neither are compared by their metadata. The digest of several files includes their
 * paths, that of a single one doesn't.
 */
function isSameContent({ draft, digest, location }: NamedOutput, latest: VersionRow, paths: OnlyPaths): boolean {
  const { etag, metadata } = draft.properties;
  if (digest !== latest.digest || location !== latest.location || etag !== latest.etag) return false;
  if (draft.files.length === 1 && draft.files[0]?.path !== paths.get(latest.id)) return false;
  return digest !== null || location !== null || isSameJson(metadata, latest.metadata);
}

/** The newest version of the artifact when `ifChanged` is set and nothing changed; else null. */
function findUnchanged(output: NamedOutput, { latest }: ArtifactState, paths: OnlyPaths): VersionRow | null {
  if (!output.draft.ifChanged || !latest || isGiven(latest.bytesDeletedAt)) return null;
  return isSameContent(output, latest, paths) ? latest : null;
}

function sumFileSizes({ draft }: NamedOutput, sizes: Map<string, number>): number {
  return draft.files.reduce((sum, { digest }) => sum + (sizes.get(toBlobId(draft.project, digest)) ?? 0), 0);
}

function toNewRow(
  actor: Actor,
  output: NamedOutput,
  artifact: ArtifactState,
  fileSizes: Map<string, number>,
): VersionRow {
  const { draft, key, name, location, digest } = output;
  const number = artifact.number + 1;
  const at = artifact.clockAdvanced ? artifact.clock + 1 : artifact.clock;
  return {
    ...draft.properties,
    id: draft.id,
    key: `${key}:${number}`,
    project: draft.project,
    artifactKey: key,
    artifact: name,
    number,
    versionName: draft.versionName,
    kind: draft.kind ?? artifact.kind,
    state: "READY",
    location,
    digest,
    size: draft.files.length ? sumFileSizes(output, fileSizes) : output.size,
    author: actor.name,
    createdAt: at,
    updatedAt: at,
    bytesDeletedAt: null,
    deletedAt: null,
  };
}

/**
 * Numbers a call's new versions in their order, under the locks of their artifacts: each takes the next number and time of its artifact. One
 * with `ifChanged` whose content equals that of the newest version becomes that version.
 */
export function numberVersions(
  actor: Actor,
  outputs: NamedOutput[],
  locked: Map<string, ArtifactToNumber>,
  fileSizes: Map<string, number>,
  onlyPaths: OnlyPaths,
): NumberedVersion[] {
  const paths = new Map(onlyPaths);
  const artifacts = new Map<string, ArtifactState>(locked);
  return outputs.map((output) => {
    const artifact = artifacts.get(output.key);
    if (!artifact) throw new Error(`artifact ${output.key} was not locked`);
    const unchanged = findUnchanged(output, artifact, paths);
    if (unchanged) return { ...output, row: unchanged, at: artifact.clock, created: false };
    const row = toNewRow(actor, output, artifact, fileSizes);
    const { number, createdAt: at, kind } = row;
    if (output.draft.files[0]) paths.set(row.id, output.draft.files[0].path);
    artifacts.set(output.key, { ...artifact, number, clock: at, clockAdvanced: true, kind, latest: row });
    return { ...output, row, at, created: true };
  });
}
