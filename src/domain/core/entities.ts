import type { Artifact } from "../../model/artifact.ts";
import { Run, Step } from "../../model/execution.ts";
import type { Project } from "../../model/project.ts";
import type { Promotion } from "../../model/promotion.ts";
import { Upload } from "../../model/upload.ts";
import { Version } from "../../model/version.ts";
import { Webhook } from "../../model/webhook.ts";
import type { WalkNode } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import { type ArtifactRow, toArtifact } from "./artifact-row.ts";
import { type AsOf, withAsOf } from "./as-of.ts";
import type { Ports } from "./context.ts";
import { notFound } from "./errors.ts";
import { type ExecutionRow, toExecution } from "./execution-row.ts";
import { type Action, type Actor, authorize } from "./permissions.ts";
import { type ProjectRow, toProject } from "./project-row.ts";
import { type PromotionRow, toPromotion } from "./promotion-row.ts";
import { toUpload, type UploadRow } from "./upload-row.ts";
import { toVersion, type VersionRow } from "./version-row.ts";
import { toWebhook, type WebhookRow } from "./webhook-row.ts";

/** Whatever has an id of its own. */
export type Entity = Project | Artifact | Version | Run | Step | Upload | Webhook | Promotion;

type Properties = VersionRow | ExecutionRow | ArtifactRow | ProjectRow | UploadRow | WebhookRow | PromotionRow;
const findEntities = statement<{ ids: string[] }, { labels: string[]; properties: Properties }>("find-entities");

function toEntity(labels: string[], properties: Properties): Entity {
  if (labels.includes("Version")) return toVersion(properties as VersionRow);
  if (labels.includes("Webhook")) return toWebhook(properties as WebhookRow);
  if (labels.includes("Upload")) return toUpload(properties as UploadRow);
  if (labels.includes("Execution")) return toExecution(properties as ExecutionRow);
  if (labels.includes("Promotion")) return toPromotion(properties as PromotionRow);
  return labels.includes("Artifact") ? toArtifact(properties as ArtifactRow) : toProject(properties as ProjectRow);
}

const findColumns = statement<{ ids: string[]; columns: string[] }, { labels: string[]; properties: Value[] }>(
  "find-entity-columns",
);

/** What tells what a thing is, where it belongs, what it is called and since when it is there. */
const defaultColumns = ["id", "label", "project", "createdAt", "kind", "artifact", "number"];

/** Fields that need nothing but these properties; all others are taken to need everything. */
const columnsByField: Readonly<Record<string, readonly string[]>> = {
  __typename: [],
  id: [],
  createdAt: [],
  uri: [],
  state: ["state", "deletedAt"],
  ...Object.fromEntries(
    ["number", "versionName", "kind", "description", "size", "digest", "location", "author", "updatedAt", "iteration"]
      .concat("name", "status", "startedAt", "endedAt", "error", "pipeline", "key")
      .map((name) => [name, [name]]),
  ),
};

/** The properties that suffice for these fields of things; null when all are needed. */
export function getColumnsFor(fields: readonly string[]): string[] | null {
  if (!fields.every((field) => Object.hasOwn(columnsByField, field))) return null;
  return [...new Set([...defaultColumns, ...fields.flatMap((field) => columnsByField[field] ?? [])])];
}

/** A row of some columns: as much of a thing as they hold. */
function named(columns: readonly string[], values: Value[]): Properties {
  const row: Record<string, Value> = {};
  for (const [i, column] of columns.entries()) row[column] = values[i];
  return row as Properties;
}

async function readEntities({ graph }: Pick<Ports, "graph">, ids: string[], columns: string[] | null) {
  if (!columns) return graph.read(findEntities, { ids });
  const rows = await graph.read(findColumns, { ids, columns });
  return rows.map(({ labels, properties }) => ({ labels, properties: named(columns, properties) }));
}

/** What a walk found, as far as these columns hold it; null where the walk brought nothing along. */
export function toWalkedEntity(node: WalkNode, columns: readonly string[], asOf: AsOf): Version | Run | Step | null {
  if (!node.values) return null;
  const row = withAsOf(named(columns, node.values), asOf);
  return node.artifactKey === null ? toExecution(row as ExecutionRow) : toVersion(row as VersionRow);
}

/**
 * The things by id, in one statement; ids of nothing, or of what was not there yet at the time, are left out. With `columns`, those of
 * `columnsFor`, only what they suffice for can be asked of the things.
 */
export async function loadEntities(
  ports: Pick<Ports, "graph">,
  ids: readonly string[],
  asOf: AsOf = null,
  columns: string[] | null = null,
): Promise<Map<string, Entity>> {
  const rows = await readEntities(ports, [...new Set(ids)], columns);
  const there = rows.filter(({ properties }) => {
    const since = "createdAt" in properties ? Number(properties.createdAt) : 0;
    return asOf === null || since <= asOf;
  });
  return new Map(there.map(({ labels, properties }) => [properties.id, toEntity(labels, withAsOf(properties, asOf))]));
}

/** Rejects with `FORBIDDEN` unless the actor may see the thing. */
export function authorizeEntity(actor: Actor, thing: Entity): void {
  authorize(actor, actionToSee(actor, thing), getProjectName(thing));
}

function actionToSee(actor: Actor, thing: Entity): Action {
  if (thing instanceof Webhook) return "webhook:manage";
  return thing instanceof Upload && thing.actor !== actor.name ? "upload:others" : "project:read";
}

/** The name of the project that a thing belongs to. */
export function getProjectName(thing: Entity): string {
  return "projectName" in thing ? thing.projectName : thing.name;
}

async function load<T extends Entity>(
  ports: Pick<Ports, "graph">,
  id: string,
  is: (thing: Entity) => thing is T,
  what: string,
): Promise<T> {
  const thing = (await loadEntities(ports, [id])).get(id);
  if (!thing || !is(thing)) throw notFound(`${what} ${id} does not exist`);
  return thing;
}

/** The version of an id; `NOT_FOUND` when there is none. */
export function loadVersion(ports: Pick<Ports, "graph">, id: string): Promise<Version> {
  return load(ports, id, (thing) => thing instanceof Version, "version");
}

/** The upload of an id; `NOT_FOUND` when there is none. */
export function loadUpload(ports: Pick<Ports, "graph">, id: string): Promise<Upload> {
  return load(ports, id, (thing) => thing instanceof Upload, "upload");
}

/** The webhook of an id; `NOT_FOUND` when there is none. */
export function loadWebhook(ports: Pick<Ports, "graph">, id: string): Promise<Webhook> {
  return load(ports, id, (thing) => thing instanceof Webhook, "webhook");
}

/** The run of an id; `NOT_FOUND` when there is none. */
export function loadRun(ports: Pick<Ports, "graph">, id: string): Promise<Run> {
  return load(ports, id, (thing) => thing instanceof Run, "run");
}

/** The step of an id; `NOT_FOUND` when there is none. */
export function loadStep(ports: Pick<Ports, "graph">, id: string): Promise<Step> {
  return load(ports, id, (thing) => thing instanceof Step, "step");
}

/** The run or step of an id; `NOT_FOUND` when there is none. */
export function loadExecution(ports: Pick<Ports, "graph">, id: string): Promise<Run | Step> {
  return load(ports, id, (thing) => thing instanceof Run || thing instanceof Step, "execution");
}
