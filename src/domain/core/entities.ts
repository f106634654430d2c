import * as v from "valibot";
import type { Artifact } from "../../model/artifact.ts";
import { Run, Step } from "../../model/execution.ts";
import type { Project } from "../../model/project.ts";
import type { Promotion } from "../../model/promotion.ts";
import { Upload } from "../../model/upload.ts";
import { Version } from "../../model/version.ts";
import { Webhook } from "../../model/webhook.ts";
import type { WalkNode } from "../../ports/graph-store.ts";
import { anyValue, statement, toRow, type Value } from "../../ports/statement.ts";
import { artifactRow, toArtifact } from "./artifact-row.ts";
import { type AsOf, withAsOf } from "./as-of.ts";
import type { Ports } from "./context.ts";
import { notFound } from "./errors.ts";
import { executionRow, toExecution } from "./execution-row.ts";
import { type Action, type Actor, authorize } from "./permissions.ts";
import { projectRow, toProject } from "./project-row.ts";
import { promotionRow, toPromotion } from "./promotion-row.ts";
import { toUpload, uploadRow } from "./upload-row.ts";
import { toVersion, versionRow } from "./version-row.ts";
import { toWebhook, webhookRow } from "./webhook-row.ts";

/** Everything that has an id. */
export type Entity = Project | Artifact | Version | Run | Step | Upload | Webhook | Promotion;

/** The properties of a node; which row they are, its label tells. */
type Properties = object & { readonly createdAt?: Value };
type Reader<T extends Entity> = (properties: Properties, asOf: AsOf) => T;

function createReader<E extends v.ObjectEntries, T extends Entity>(
  row: v.ObjectSchema<E, undefined>,
  to: (row: v.InferOutput<v.ObjectSchema<E, undefined>> & { asOf?: AsOf }) => T,
): Reader<T> {
  return (properties, asOf) => to(withAsOf(toRow(row, properties), asOf));
}

const readVersion = createReader(versionRow, toVersion);
const readExecution = createReader(executionRow, toExecution);

/** How nodes are read, by the label that tells what they are. */
const readers: readonly (readonly [label: string, read: Reader<Entity>])[] = [
  ["Version", readVersion],
  ["Execution", readExecution],
  ["Artifact", createReader(artifactRow, toArtifact)],
  ["Promotion", createReader(promotionRow, toPromotion)],
  ["Upload", createReader(uploadRow, toUpload)],
  ["Webhook", createReader(webhookRow, toWebhook)],
  ["Project", createReader(projectRow, toProject)],
];
const rows = [versionRow, executionRow, artifactRow, promotionRow, uploadRow, webhookRow, projectRow];

const findEntities = statement({
  name: "find-entities",
  params: { ids: v.array(v.string()) },
  row: { labels: v.array(v.string()), properties: v.union(rows) },
});
const findColumns = statement({
  name: "find-entity-columns",
  params: { ids: v.array(v.string()), columns: v.array(v.string()) },
  row: { labels: v.array(v.string()), properties: v.array(anyValue) },
});

/** The properties that every entity is read with: what it is, where it belongs, its name and the time it was created. */
const defaultColumns = ["id", "label", "project", "createdAt", "kind", "artifact", "number"];

/** The further properties that a GraphQL field of an entity needs. A field that is not listed needs all properties. */
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

/** The properties to read for these GraphQL fields of entities; null for all. */
export function getColumnsFor(fields: readonly string[]): string[] | null {
  if (!fields.every((field) => Object.hasOwn(columnsByField, field))) return null;
  return [...new Set([...defaultColumns, ...fields.flatMap((field) => columnsByField[field] ?? [])])];
}

function toProperties(columns: readonly string[], values: readonly Value[]): Properties {
  const properties: Record<string, Value> = {};
  for (const [i, column] of columns.entries()) properties[column] = values[i];
  return properties;
}

async function readProperties({ graph }: Pick<Ports, "graph">, ids: string[], columns: string[] | null) {
  if (!columns) return graph.read(findEntities, { ids });
  const found = await graph.read(findColumns, { ids, columns });
  return found.map(({ labels, properties }) => ({ labels, properties: toProperties(columns, properties) }));
}

/** The entity of a walked node, which holds no more than these columns; null if the walk read no properties. */
export function toWalkedEntity(node: WalkNode, columns: readonly string[], asOf: AsOf): Version | Run | Step | null {
  if (!node.values) return null;
  const properties = toProperties(columns, node.values);
  return node.artifactKey === null ? readExecution(properties, asOf) : readVersion(properties, asOf);
}

/**
 * Loads entities by id, in one statement. Ids that do not exist, or did not yet exist as of the time, are left out. With `columns`, from
 * `getColumnsFor`, only the fields that they cover are filled in.
 */
export async function loadEntities(
  ports: Pick<Ports, "graph">,
  ids: readonly string[],
  asOf: AsOf = null,
  columns: string[] | null = null,
): Promise<Map<string, Entity>> {
  const entities = new Map<string, Entity>();
  for (const { labels, properties } of await readProperties(ports, [...new Set(ids)], columns)) {
    if (asOf !== null && "createdAt" in properties && Number(properties.createdAt ?? 0) > asOf) continue;
    const read = readers.find(([label]) => labels.includes(label))?.[1];
    const entity = read?.(properties, asOf);
    if (entity) entities.set(entity.id, entity);
  }
  return entities;
}

/** Throws `FORBIDDEN` unless the actor may see the entity. */
export function authorizeEntity(actor: Actor, entity: Entity): void {
  authorize(actor, getActionToSee(actor, entity), getProjectName(entity));
}

function getActionToSee(actor: Actor, entity: Entity): Action {
  if (entity instanceof Webhook) return "webhook:manage";
  return entity instanceof Upload && entity.actor !== actor.name ? "upload:others" : "project:read";
}

/** The name of the project that an entity is, or belongs to. */
export function getProjectName(entity: Entity): string {
  return "projectName" in entity ? entity.projectName : entity.name;
}

async function load<T extends Entity>(
  ports: Pick<Ports, "graph">,
  id: string,
  noun: string,
  isNoun: (entity: Entity) => entity is T,
): Promise<T> {
  const entity = (await loadEntities(ports, [id])).get(id);
  if (!entity || !isNoun(entity)) throw notFound(`${noun} ${id} does not exist`);
  return entity;
}

/** Loads a version by id; `NOT_FOUND` if there is none. */
export function loadVersion(ports: Pick<Ports, "graph">, id: string): Promise<Version> {
  return load(ports, id, "version", (entity) => entity instanceof Version);
}

/** Loads an upload by id; `NOT_FOUND` if there is none. */
export function loadUpload(ports: Pick<Ports, "graph">, id: string): Promise<Upload> {
  return load(ports, id, "upload", (entity) => entity instanceof Upload);
}

/** Loads a webhook by id; `NOT_FOUND` if there is none. */
export function loadWebhook(ports: Pick<Ports, "graph">, id: string): Promise<Webhook> {
  return load(ports, id, "webhook", (entity) => entity instanceof Webhook);
}

/** Loads a run by id; `NOT_FOUND` if there is none. */
export function loadRun(ports: Pick<Ports, "graph">, id: string): Promise<Run> {
  return load(ports, id, "run", (entity) => entity instanceof Run);
}

/** Loads a step by id; `NOT_FOUND` if there is none. */
export function loadStep(ports: Pick<Ports, "graph">, id: string): Promise<Step> {
  return load(ports, id, "step", (entity) => entity instanceof Step);
}

/** Loads a run or step by id; `NOT_FOUND` if there is none. */
export function loadExecution(ports: Pick<Ports, "graph">, id: string): Promise<Run | Step> {
  return load(ports, id, "execution", (entity) => entity instanceof Run || entity instanceof Step);
}
