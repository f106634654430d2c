import { Artifact } from "../../model/artifact.ts";
import type { Kind, Status, VersionState } from "../../model/enums.ts";
import type { EventType } from "../../model/event.ts";
import { type Code, Run, Step } from "../../model/execution.ts";
import type { GateResult } from "../../model/gate.ts";
import { Project } from "../../model/project.ts";
import { Promotion, type PromotionKind } from "../../model/promotion.ts";
import { Upload, type UploadState } from "../../model/upload.ts";
import { type Column, type Dataset, type Model, Version } from "../../model/version.ts";
import { Webhook } from "../../model/webhook.ts";
import type { AsOf } from "./as-of.ts";
import { printUri } from "./version-uri.ts";

/** Properties of a node as the graph holds them; nested values are JSON text. Absent ones are left out by one engine, null by the other. */
export interface VersionRow {
  id: string;
  key: string;
  project: string;
  artifactKey: string;
  artifact: string;
  number: number;
  versionName?: string | null;
  kind: Kind;
  state: VersionState;
  description?: string | null;
  metadata: string;
  size?: number | null;
  digest?: string | null;
  location?: string | null;
  etag?: string | null;
  attributes?: string | null;
  dataset?: string | null;
  model?: string | null;
  author: string;
  createdAt: number;
  updatedAt: number;
  iteration?: number | null;
  /** When the bytes were deleted, with the version or alone; and when the version was. */
  bytesDeletedAt?: number | null;
  deletedAt?: number | null;
  asOf?: AsOf;
}

/** Properties of a run or step. */
export interface ExecutionRow {
  id: string;
  label: "Run" | "Step";
  project: string;
  name: string;
  status: Status;
  parameters: string;
  metadata: string;
  metrics: string;
  startedAt?: number | null;
  endedAt?: number | null;
  error?: string | null;
  code?: string | null;
  environment?: string | null;
  author: string;
  createdAt: number;
  pipeline?: string | null;
  parent?: string | null;
  key?: string | null;
  iteration?: number | null;
  run?: string | null;
  cachedFrom?: string | null;
  /** The clock of the run, which stamps what happens in it; and when its reporter was last heard of. */
  clock: number;
  heartbeatAt: number;
  /** The order among the steps of a run, or the children of a parent. */
  rank: string;
  /** The run that it is, or is a step of, for filters. */
  runId: string;
  runKey?: string | null;
  runName: string;
  /** What names are ordered by. */
  nameKey: string;
  /** What text search looks through, in lower case. */
  text: string;
  asOf?: AsOf;
}

/** Properties of an artifact. */
export interface ArtifactRow {
  id: string;
  key: string;
  project: string;
  name: string;
  kind: Kind;
  description?: string | null;
  createdAt: number;
  updatedAt: number;
  asOf?: AsOf;
}

/** Properties of an entry in the history of stages. */
export interface PromotionRow {
  [name: string]: string | number | boolean | null | undefined;
  id: string;
  kind: PromotionKind;
  project: string;
  artifactKey: string;
  version: string;
  stage: string;
  from?: string | null;
  previous?: string | null;
  actor: string;
  reason?: string | null;
  forced: boolean;
  /** JSON. */
  gates: string;
  at: number;
  /** The order among the entries of an artifact. */
  rank: string;
}

/** Properties of a project. */
export interface ProjectRow {
  id: string;
  name: string;
  description?: string | null;
  createdAt: number;
  storagePrefix?: string | null;
  staleAfterSeconds?: number | null;
}

/** Properties of an upload. */
export interface UploadRow {
  id: string;
  project: string;
  actor: string;
  size: number;
  partSize: number;
  digest?: string | null;
  key: string;
  writeId: string;
  state: UploadState;
  error?: string | null;
  expiresAt: number;
}

/** Properties of a webhook; `types` is a JSON list, empty for all. */
export interface WebhookRow {
  id: string;
  project: string;
  url: string;
  secret: string;
  types: string;
  enabled: boolean;
}

function parsed<T>(text: string | null | undefined): T | null {
  return text ? (JSON.parse(text) as T) : null;
}

function columns(list: Column[] | null | undefined): Column[] {
  return list ?? [];
}

function toDataset(text: string | null | undefined): Dataset | null {
  const block = parsed<Partial<Dataset>>(text);
  return block && ({ ...block, columns: columns(block.columns), features: block.features ?? [] } as Dataset);
}

function toModel(text: string | null | undefined): Model | null {
  const block = parsed<Partial<Model>>(text);
  if (!block) return null;
  const { inputs, outputs, requirements } = block;
  return { ...block, inputs: columns(inputs), outputs: columns(outputs), requirements: requirements ?? [] } as Model;
}

/** The state at the time that a row is looked at from: what was deleted later was there then. */
export function getState({ state, deletedAt, asOf }: VersionRow): VersionState {
  return asOf !== null && asOf !== undefined && deletedAt && deletedAt > asOf ? "READY" : state;
}

/** The version of a row. */
export function toVersion(row: VersionRow): Version {
  return Object.assign(new Version(), row, {
    state: getState(row),
    projectName: row.project,
    artifactName: row.artifact,
    uri: printUri({ kind: row.kind, project: row.project, name: row.artifact, selector: row.number }),
    metadata: parsed<Record<string, unknown>>(row.metadata) ?? {},
    attributes: parsed<unknown>(row.attributes),
    dataset: toDataset(row.dataset),
    model: toModel(row.model),
  });
}

function executionFields(row: ExecutionRow) {
  return {
    projectName: row.project,
    parameters: parsed<Record<string, unknown>>(row.parameters) ?? {},
    metadata: parsed<Record<string, unknown>>(row.metadata) ?? {},
    metrics: parsed<Record<string, unknown>>(row.metrics) ?? {},
    code: parsed<Code>(row.code),
    environment: parsed<unknown>(row.environment),
  };
}

/** The run of a row. */
export function toRun(row: ExecutionRow): Run {
  return Object.assign(new Run(), row, executionFields(row), { parentId: row.parent ?? null });
}

/** The step of a row. */
export function toStep(row: ExecutionRow): Step {
  return Object.assign(new Step(), row, executionFields(row), {
    runId: row.run ?? "",
    cachedFromId: row.cachedFrom ?? null,
  });
}

/** The run or step of a row. */
export function toExecution(row: ExecutionRow): Run | Step {
  return row.label === "Run" ? toRun(row) : toStep(row);
}

/** The artifact of a row. */
export function toArtifact(row: ArtifactRow): Artifact {
  return Object.assign(new Artifact(), row, { projectName: row.project });
}

/** The webhook of a row; its secret stays behind. */
export function toWebhook({ id, project, url, types, enabled }: WebhookRow): Webhook {
  return Object.assign(new Webhook(), {
    id,
    url,
    enabled,
    projectName: project,
    types: JSON.parse(types) as EventType[],
  });
}

/** The upload of a row. */
export function toUpload(row: UploadRow): Upload {
  return Object.assign(new Upload(), row, {
    projectName: row.project,
    digest: row.digest ?? null,
    error: row.error ?? null,
  });
}

/** The entry in the history of stages of a row. */
export function toPromotion(row: PromotionRow): Promotion {
  return Object.assign(new Promotion(), row, {
    projectName: row.project,
    versionId: row.version,
    previousId: row.previous ?? null,
    gates: parsed<GateResult[]>(row.gates) ?? [],
  });
}

/** The project of a row. */
export function toProject(row: ProjectRow): Project {
  return Object.assign(new Project(), row, {
    settings: { storagePrefix: row.storagePrefix ?? null, staleAfterSeconds: row.staleAfterSeconds ?? null },
  });
}
