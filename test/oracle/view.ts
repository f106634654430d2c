import { createHash } from "node:crypto";
import {
  alphabetical,
  latestOf,
  type PlainArtifact,
  type PlainExecution,
  type PlainLink,
  type PlainVersion,
  type World,
} from "./state.ts";

type Entry = { key: string; type: string; value: unknown };
function typeOf(value: unknown): string {
  if (value === null) return "NULL";
  if (Array.isArray(value)) return "LIST";
  if (typeof value === "number") return Number.isInteger(value) ? "INTEGER" : "FLOAT";
  return { string: "STRING", boolean: "BOOLEAN" }[typeof value as string] ?? "OBJECT";
}

/** The leaves of metadata: dotted keys with escaped dots, tagged values by their tag. */
export function entries(value: unknown, prefix = ""): Entry[] {
  const nested = value !== null && typeof value === "object" && !Array.isArray(value) && Object.keys(value).length > 0;
  if (!nested) return prefix ? [{ key: prefix, type: typeOf(value), value }] : [];
  if (prefix && "$type" in value && "value" in value)
    return [{ key: prefix, type: String(value.$type), value: value.value }];
  return Object.entries(value)
    .flatMap(([key, item]) => {
      const escaped = key.replace(/[\\.]/g, "\\$&");
      return entries(item, prefix ? `${prefix}.${escaped}` : escaped);
    })
    .sort((a, b) => (a.key < b.key ? -1 : 1));
}

function sha256(text: string): string {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}

export function digest({ spec }: PlainVersion): string | null {
  const { files } = spec;
  if (!files?.length) return spec.digest ?? null;
  if (files.length === 1) return files[0]?.digest ?? null;
  const lines = [...files].sort((a, b) => Buffer.compare(Buffer.from(a.path), Buffer.from(b.path)));
  return sha256(lines.map((file) => `${file.path}\0${file.digest}\n`).join(""));
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** A name in a URI: `/` and the `::` between two other characters stay as they are. */
function printName(name: string): string {
  return name
    .split(/(?<=[^:/])::(?=[^:/])/)
    .map((part) => part.split("/").map(encode).join("/"))
    .join("::");
}

function uri({ kind, artifact, number }: PlainVersion): string {
  return `store://${kind.toLowerCase().replaceAll("_", "-")}/${artifact.project}/${printName(artifact.name)}:${number}`;
}

function time(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/**
 * Links in recorded order: by time, then by their place in the call. Links that two calls recorded at the same time and place are in the
 * order of the answer, given as the keys of its items.
 */
function inOrder<T>(links: PlainLink[], view: (link: PlainLink) => T, answered: unknown[]): T[] {
  const given = answered.map((item) => JSON.stringify(item));
  return links
    .map((link) => ({ link, item: view(link) }))
    .sort(
      (a, b) =>
        a.link.at[0] - b.link.at[0] ||
        a.link.at[1] - b.link.at[1] ||
        given.indexOf(JSON.stringify(a.item)) - given.indexOf(JSON.stringify(b.item)),
    )
    .map(({ item }) => item);
}

type Page = { totalCount: number; nodes: unknown[] };
function page<T>(nodes: T[]) {
  return { totalCount: nodes.length, nodes };
}

function dataset(block: Record<string, unknown> | undefined) {
  return block
    ? { rows: null, stats: null, labelColumn: null, preview: null, columns: [], features: [], ...block }
    : null;
}
const nothing = {
  framework: null,
  algorithm: null,
  metrics: null,
  parameters: null,
  flavors: null,
  featureStats: null,
};
function model(block: Record<string, unknown> | undefined) {
  return block ? { ...nothing, inputs: [], outputs: [], requirements: [], ...block } : null;
}

/** The aliases of a version. */
export function aliasesOf(version: PlainVersion): string[] {
  return alphabetical(
    [...version.artifact.names].flatMap(([name, item]) => (item.version === version && !item.fixed ? [name] : [])),
  );
}

/** The labels of a version by key. */
export function labelsOf({ labels }: PlainVersion) {
  return [...labels].map(([key, value]) => ({ key, value })).sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** The size of a version in bytes; null when unknown. */
export function sizeOf(world: World, { spec, artifact }: PlainVersion): number | null {
  const sizes = world.blobs.get(artifact.project);
  return spec.files?.length
    ? spec.files.reduce((sum, file) => sum + (sizes?.get(file.digest) ?? 0), 0)
    : (spec.size ?? null);
}

/** A version as the service must show it; `answer` decides where the order is free. */
export function viewVersion(world: World, version: PlainVersion, answer: { producers: Page; consumers: Page }) {
  const { spec, artifact } = version;
  const sizes = world.blobs.get(artifact.project);
  const files = [...(spec.files ?? [])].sort((a, b) => (a.path < b.path ? -1 : 1));
  const links = (reads: boolean) => world.links.filter((link) => link.version === version && link.reads === reads);
  const slot = ({ execution, slot, role }: PlainLink) => ({ slot, role, execution: { id: execution.id } });
  return {
    id: version.id,
    uri: uri(version),
    number: version.number,
    artifact: { id: artifact.id, name: artifact.name },
    versionName: version.versionName,
    kind: version.kind,
    state: version.state,
    description: version.description,
    metadata: version.metadata,
    entries: entries(version.metadata),
    tags: alphabetical(version.tags),
    labels: labelsOf(version),
    aliases: aliasesOf(version),
    isLatest: latestOf(artifact) === version,
    size: sizeOf(world, version),
    digest: digest(version),
    location: version.location,
    files: files.map((file) => ({ path: file.path, digest: file.digest, size: sizes?.get(file.digest) })),
    attributes: spec.attributes ?? null,
    dataset: dataset(spec.dataset),
    model: model(spec.model),
    links: version.links.map((link) => ({ rel: link.rel, version: { id: link.version.id } })),
    author: "local",
    createdAt: time(version.createdAt),
    updatedAt: time(version.updatedAt),
    iteration: spec.iteration ?? null,
    producers: page(inOrder(links(false), slot, answer.producers.nodes)),
    consumers: page(inOrder(links(true), slot, answer.consumers.nodes)),
  };
}

/** An artifact as the service must show it. */
export function viewArtifact(artifact: PlainArtifact) {
  return {
    id: artifact.id,
    name: artifact.name,
    project: { name: artifact.project },
    kind: artifact.kind,
    description: artifact.description,
    tags: alphabetical(artifact.tags),
    createdAt: time(artifact.createdAt),
    updatedAt: time(artifact.updatedAt),
    latest: latestOf(artifact) ? { id: latestOf(artifact)?.id } : null,
    versions: page(
      [...artifact.versions]
        .reverse()
        .filter(({ state }) => state === "READY")
        .map(({ id }) => ({ id })),
    ),
    aliases: [...artifact.names]
      .filter(([, { fixed }]) => !fixed)
      .map(([alias, { version }]) => ({ alias, version: { id: version.id } }))
      .sort((a, b) => (a.alias < b.alias ? -1 : 1)),
    aliasHistory: page(
      artifact.moves
        .map(({ alias, from, to, at }) => ({
          alias,
          actor: "local",
          at: time(at),
          from: from && { id: from.id },
          to: to && { id: to.id },
        }))
        .sort(newestMove),
    ),
  };
}

type Move = { alias: string; at: string | null };
/** Moves newest first; those of the same time, in any order, by alias. */
export function newestMove(a: Move, b: Move): number {
  return a.at === b.at ? (a.alias < b.alias ? -1 : a.alias > b.alias ? 1 : 0) : String(a.at) < String(b.at) ? 1 : -1;
}

/** Children in the order of their times, those of the same time by id. */
function byAge(a: PlainExecution, b: PlainExecution): number {
  return a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1);
}

/** A run or step as the service must show it. */
export function viewExecution(world: World, execution: PlainExecution, answer: { inputs: Page; outputs: Page }) {
  const links = (reads: boolean) => world.links.filter((link) => link.execution === execution && link.reads === reads);
  const slot = ({ version, slot, role }: PlainLink) => ({ name: slot, role, version: { id: version.id } });
  const { id, name, status, parameters, metadata, metrics, error, environment, run } = execution;
  const code = execution.code && { repository: null, commit: null, entryPoint: null, ...execution.code };
  const common = { id, name, status, parameters, metadata, metrics, error, environment, code };
  const shown = {
    ...common,
    tags: alphabetical(execution.tags),
    startedAt: time(execution.startedAt),
    endedAt: time(execution.endedAt),
    inputs: page(inOrder(links(true), slot, answer.inputs.nodes)),
    outputs: page(inOrder(links(false), slot, answer.outputs.nodes)),
  };
  if (run) {
    const { cachedFrom } = execution;
    return { ...shown, run: { id: run.id }, cachedFrom: cachedFrom ? { id: cachedFrom } : null };
  }
  const of = (kind: (other: PlainExecution) => boolean) => world.executions.filter(kind);
  const children = of((other) => !other.run && other.parent === id).sort(byAge);
  return {
    ...shown,
    project: { name: execution.project },
    author: "local",
    createdAt: time(execution.createdAt),
    pipeline: execution.pipeline,
    parent: execution.parent ? { id: execution.parent } : null,
    key: execution.key,
    iteration: execution.iteration,
    children: page(children.map((child) => ({ id: child.id }))),
    steps: page(of((other) => other.run?.id === id).map((step) => ({ id: step.id }))),
  };
}
