import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import { Kind, VersionState } from "../../model/enums.ts";
import { type Column, type Dataset, type Model, Version } from "../../model/version.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import { type FieldsOf, parseJson } from "./row-values.ts";
import { printUri } from "./version-uri.ts";

/** The properties of a version node that the domain reads; nested values are JSON text. */
export const versionRow = v.object({
  id: v.string(),
  key: v.string(),
  project: v.string(),
  artifactKey: v.string(),
  artifact: v.string(),
  number: v.number(),
  versionName: nullable(v.string()),
  kind: v.enum(Kind),
  state: v.enum(VersionState),
  description: nullable(v.string()),
  metadata: v.string(),
  size: nullable(v.number()),
  digest: nullable(v.string()),
  location: nullable(v.string()),
  etag: nullable(v.string()),
  attributes: nullable(v.string()),
  dataset: nullable(v.string()),
  model: nullable(v.string()),
  author: v.string(),
  createdAt: v.number(),
  updatedAt: v.number(),
  iteration: nullable(v.number()),
  /** When the bytes were deleted, with the version or alone. */
  bytesDeletedAt: nullable(v.number()),
  /** When the version was deleted. */
  deletedAt: nullable(v.number()),
});
export type VersionRow = v.InferOutput<typeof versionRow> & { asOf?: AsOf };

function toDataset(text: string | null): Dataset | null {
  const block = parseJson<Partial<Dataset>>(text);
  if (!block) return null;
  const { columns, rows, stats, labelColumn, features, preview } = block;
  return {
    rows: rows ?? null,
    stats: stats ?? null,
    labelColumn: labelColumn ?? null,
    preview: preview ?? null,
    columns: columns ?? [],
    features: features ?? [],
  };
}

function toModel(text: string | null): Model | null {
  const block = parseJson<Partial<Model>>(text);
  if (!block) return null;
  const { framework, algorithm, metrics, parameters, inputs, outputs, flavors, requirements, featureStats } = block;
  const columns = (list: Column[] | undefined) => list ?? [];
  return {
    framework: framework ?? null,
    algorithm: algorithm ?? null,
    flavors: flavors ?? null,
    metrics: metrics ?? null,
    parameters: parameters ?? null,
    featureStats: featureStats ?? null,
    inputs: columns(inputs),
    outputs: columns(outputs),
    requirements: requirements ?? [],
  };
}

/** The state as of the time for which the row was read: a version that was deleted later was READY then. */
export function getState({ state, deletedAt, asOf }: VersionRow): VersionState {
  return isGiven(asOf) && isGiven(deletedAt) && deletedAt > asOf ? "READY" : state;
}

/** Maps a row to a version. */
export function toVersion(row: VersionRow): Version {
  const { project, artifact, kind, number } = row;
  const fields: FieldsOf<Version> = {
    id: row.id,
    asOf: row.asOf ?? null,
    projectName: project,
    artifactKey: row.artifactKey,
    artifactName: artifact,
    number,
    versionName: row.versionName,
    kind,
    state: getState(row),
    description: row.description,
    size: row.size,
    digest: row.digest,
    location: row.location,
    etag: row.etag,
    bytesDeletedAt: row.bytesDeletedAt,
    author: row.author,
    iteration: row.iteration,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    uri: printUri({ kind, project, name: artifact, selector: number }),
    metadata: parseJson<Record<string, unknown>>(row.metadata) ?? {},
    attributes: parseJson(row.attributes),
    dataset: toDataset(row.dataset),
    model: toModel(row.model),
  };
  return Object.assign(new Version(), fields);
}
