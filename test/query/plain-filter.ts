import { canonical } from "../oracle/placing.ts";

/** A run or step with the fields that filters of versions use. */
export interface Maker {
  runId: string;
  runKey: string | null;
  runName: string;
  stepId: string | null;
  stepName: string | null;
  pipeline: string | null;
}
type Entry = { key: string; type: string; value: unknown };

/** A version with all fields that filters and orders use; times are texts of the same order. */
export interface VersionFacts {
  id: string;
  project: string;
  artifact: string;
  kind: string;
  number: number;
  versionName: string | null;
  state: string;
  author: string;
  description: string | null;
  tags: string[];
  aliases: string[];
  labels: { key: string; value: string }[];
  entries: Entry[];
  isLatest: boolean;
  producedBy: Maker[];
  consumedBy: Maker[];
  createdAt: string;
  updatedAt: string;
  size: number | null;
  digest: string | null;
}

/** An artifact with all fields that filters and orders use. */
export interface ArtifactFacts {
  id: string;
  project: string;
  name: string;
  kind: string;
  description: string | null;
  tags: string[];
  createdAt: string;
  updatedAt: string;
}

/** A run with all fields that filters and orders use. */
export interface RunFacts {
  id: string;
  project: string;
  pipeline: string | null;
  name: string;
  key: string | null;
  status: string;
  author: string;
  tags: string[];
  createdAt: string;
  startedAt: string | null;
  endedAt: string | null;
  parameters: Entry[];
  metrics: Entry[];
  /** A field of the metadata. */
  entries: Entry[];
}

type Bound = {
  eq?: unknown;
  in?: unknown[];
  contains?: string;
  startsWith?: string;
  gt?: unknown;
  gte?: unknown;
  lt?: unknown;
  lte?: unknown;
};

function byPoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
/** Less than, equal to or greater than zero; null for values of different types. */
function order(a: unknown, b: unknown): number | null {
  if (typeof a === "number" && typeof b === "number") return a === b ? 0 : a - b;
  return typeof a === "string" && typeof b === "string" ? byPoints(a, b) : null;
}
/** A tagged value compares as the number or text in it, except NaN. */
function untagged(value: unknown): unknown {
  if (!value || typeof value !== "object" || !("$type" in value && "value" in value)) return value;
  const isNaNTag = value.$type === "FLOAT" && value.value === "NaN";
  if (isNaNTag) return value;
  return value.$type === "FLOAT" ? Number(value.value) : value.value;
}
function same(value: unknown, wanted: unknown): boolean {
  const plain = untagged(wanted);
  return typeof plain === "number" ? value === plain : canonical(value) === canonical(plain);
}
const checks: Record<string, (value: unknown, wanted: never) => boolean> = {
  eq: (value, wanted: unknown) => same(value, wanted),
  in: (value, wanted: unknown[]) => wanted.some((item) => same(value, item)),
  contains: (value, wanted: string) => typeof value === "string" && value.includes(wanted),
  startsWith: (value, wanted: string) => typeof value === "string" && value.startsWith(wanted),
  gt: (value, wanted: unknown) => (order(value, wanted) ?? 0) > 0,
  gte: (value, wanted: unknown) => (order(value, wanted) ?? -1) >= 0,
  lt: (value, wanted: unknown) => (order(value, wanted) ?? 0) < 0,
  lte: (value, wanted: unknown) => (order(value, wanted) ?? 1) <= 0,
};
function fits(value: unknown, bound: Bound): boolean {
  return Object.entries(bound).every(([name, wanted]) => checks[name]?.(value, wanted as never) ?? true);
}
/** An empty comparison matches everything, also missing values. */
function isEmpty(bound: object): boolean {
  return !Array.isArray(bound) && Object.keys(bound).length === 0;
}
function given(value: unknown, bound: Bound): boolean {
  return isEmpty(bound) || (value !== null && value !== undefined && fits(value, bound));
}
function any(values: unknown[], bound: Bound): boolean {
  return values.some((value) => given(value, bound));
}

/** NaN compares neither as a number nor as a text. */
function comparable({ type, value }: Entry): unknown {
  return type === "FLOAT" ? untagged({ $type: type, value }) : value;
}

function leavesFit(entries: Entry[], { key, exists, ...bound }: Bound & { key: string; exists?: boolean }): boolean {
  const there = entries.some((entry) => entry.key === key || entry.key.startsWith(`${key}.`));
  if (exists === false) return !there;
  if (exists && !Object.keys(bound).length) return there;
  return entries.some((entry) => entry.key === key && fits(comparable(entry), bound));
}

function madeFits(makers: Maker[], { run, step, pipeline }: { run?: Bound; step?: Bound; pipeline?: Bound }): boolean {
  return makers.some(
    (maker) =>
      (!run || any([maker.runId, maker.runKey, maker.runName], run)) &&
      (!step || (maker.stepId !== null && any([maker.stepId, maker.stepName], step))) &&
      (!pipeline || given(maker.pipeline, pipeline)),
  );
}

type Fields<T> = Record<string, (known: T, wanted: never) => boolean>;
function contains(text: string, wanted: string): boolean {
  return text.toLowerCase().includes(wanted.toLowerCase());
}
function all(entries: Entry[], wanted: (Bound & { key: string })[]): boolean {
  return wanted.every((one) => leavesFit(entries, one));
}
function tag(known: { tags: string[] }, bound: Bound): boolean {
  return any(known.tags, bound);
}

const versionFields: Fields<VersionFacts> = {
  tag,
  alias: (known, bound: Bound) => any(known.aliases, bound),
  text: (known, text: string) => contains(`${known.artifact}\n${known.description ?? ""}`, text),
  labels: (known, labels: { key: string; value?: Bound }[]) =>
    labels.every(({ key, value }) => known.labels.some((label) => label.key === key && fits(label.value, value ?? {}))),
  metadata: (known, wanted: (Bound & { key: string })[]) => all(known.entries, wanted),
  latest: (known, wanted: boolean) => known.isLatest === wanted,
  producedBy: (known, wanted: object) => madeFits(known.producedBy, wanted),
  consumedBy: (known, wanted: object) => madeFits(known.consumedBy, wanted),
};

const artifactFields: Fields<ArtifactFacts> = {
  tag,
  text: (known, text: string) => contains(`${known.name}\n${known.description ?? ""}`, text),
};
const runFields: Fields<RunFacts> = {
  tag,
  text: (known, text: string) => contains(known.name, text),
  parameters: (known, wanted: (Bound & { key: string })[]) => all(known.parameters, wanted),
  metrics: (known, wanted: (Bound & { key: string })[]) => all(known.metrics, wanted),
  metadata: (known, wanted: (Bound & { key: string })[]) => all(known.entries, wanted),
};

function keepsBy<T extends object>(fields: Fields<T>) {
  const keeps = (filter: object, known: T): boolean =>
    Object.entries(filter).every(([name, wanted]) => {
      if (name === "and") return (wanted as object[]).every((item) => keeps(item, known));
      if (name === "or") return (wanted as object[]).some((item) => keeps(item, known));
      if (name === "not") return !keeps(wanted as object, known);
      if (typeof wanted === "object" && isEmpty(wanted as object)) return true;
      return fields[name]?.(known, wanted as never) ?? given(known[name as keyof T], wanted as Bound);
    });
  return keeps;
}

/** Whether a filter keeps a version, by plain code over its fields. */
export const keeps = keepsBy(versionFields);
/** The same for an artifact. */
export const keepsArtifact = keepsBy(artifactFields);
/** The same for a run. */
export const keepsRun = keepsBy(runFields);

/** Whether a filter contains a condition on the state. */
export function speaksOfState(filter: object): boolean {
  return JSON.stringify(filter).includes('"state"');
}

export interface Term {
  field: string;
  direction: "ASC" | "DESC";
  key?: string;
}
type Facts = Partial<Omit<VersionFacts, "id"> & Omit<ArtifactFacts, "id">> &
  Partial<Omit<RunFacts, "id">> & { id: string };
function leavesOf({ entries, parameters, metrics }: Facts, field: string): Entry[] | undefined {
  return { METADATA: entries, PARAMETER: parameters, METRIC: metrics }[field];
}
function keyOf(known: Facts, { field, key }: Term): unknown {
  const leaves = leavesOf(known, field);
  if (leaves) {
    const entry = leaves.find((item) => item.key === key);
    return entry && comparable(entry);
  }
  const { createdAt, updatedAt, startedAt, endedAt, number, status, size } = known;
  const times = { CREATED_AT: createdAt, UPDATED_AT: updatedAt, STARTED_AT: startedAt, ENDED_AT: endedAt };
  const others = { NUMBER: number, NAME: known.artifact ?? known.name, SIZE: size, STATUS: status };
  return { ...times, ...others }[field];
}
function isNaNTag(value: unknown): boolean {
  return typeof value === "object" && value !== null && "$type" in value && value.$type === "FLOAT";
}
/** Numbers sort before texts, NaN after them, and missing values last. */
function rank(value: unknown): number {
  if (typeof value === "number") return 0;
  return typeof value === "string" ? 1 : isNaNTag(value) ? 2 : 3;
}

/** Compares two items by an order; items with equal terms are ordered by id. */
export function inOrder(terms: Term[]) {
  return (a: Facts, b: Facts): number => {
    for (const term of terms) {
      const [left, right] = [keyOf(a, term), keyOf(b, term)];
      if (rank(left) !== rank(right)) return rank(left) - rank(right);
      const found = order(left, right) ?? 0;
      if (found) return term.direction === "ASC" ? found : -found;
    }
    return byPoints(a.id, b.id);
  };
}
