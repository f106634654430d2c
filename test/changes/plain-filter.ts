import type { Known } from "./corpus.ts";

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

const byPoints = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));
/** Below, equal or above; null for values of different kinds. */
const order = (a: unknown, b: unknown): number | null => {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return typeof a === "string" && typeof b === "string" ? byPoints(a, b) : null;
};
const checks: Record<string, (value: unknown, wanted: never) => boolean> = {
  eq: (value, wanted: unknown) => JSON.stringify(value) === JSON.stringify(wanted),
  in: (value, wanted: unknown[]) => wanted.some((item) => JSON.stringify(value) === JSON.stringify(item)),
  contains: (value, wanted: string) => typeof value === "string" && value.includes(wanted),
  startsWith: (value, wanted: string) => typeof value === "string" && value.startsWith(wanted),
  gt: (value, wanted: unknown) => (order(value, wanted) ?? 0) > 0,
  gte: (value, wanted: unknown) => (order(value, wanted) ?? -1) >= 0,
  lt: (value, wanted: unknown) => (order(value, wanted) ?? 0) < 0,
  lte: (value, wanted: unknown) => (order(value, wanted) ?? 1) <= 0,
};
const fits = (value: unknown, bound: Bound): boolean =>
  Object.entries(bound).every(([name, wanted]) => checks[name]?.(value, wanted as never) ?? true);
const given = (value: unknown, bound: Bound): boolean => value !== null && value !== undefined && fits(value, bound);
const any = (values: unknown[], bound: Bound): boolean => values.some((value) => given(value, bound));

/** NaN and infinities are neither numbers that compare nor texts. */
const comparable = ({ type, value }: Known["entries"][number]): unknown =>
  type === "FLOAT" && typeof value === "string" ? { $type: type, value } : value;

const metadataFits = (
  { entries }: Known,
  { key, exists, ...bound }: Bound & { key: string; exists?: boolean },
): boolean => {
  const there = entries.some((entry) => entry.key === key || entry.key.startsWith(`${key}.`));
  if (exists === false) return !there;
  if (exists && !Object.keys(bound).length) return there;
  return entries.some((entry) => entry.key === key && fits(comparable(entry), bound));
};

type Maker = Known["producedBy"][number];
const madeFits = (makers: Maker[], { run, step, pipeline }: { run?: Bound; step?: Bound; pipeline?: Bound }): boolean =>
  makers.some(
    (maker) =>
      (!run || any([maker.runId, maker.runKey, maker.runName], run)) &&
      (!step || (maker.stepId !== null && any([maker.stepId, maker.stepName], step))) &&
      (!pipeline || given(maker.pipeline, pipeline)),
  );

const fields: Record<string, (known: Known, wanted: never) => boolean> = {
  tag: (known, bound: Bound) => any(known.tags, bound),
  alias: (known, bound: Bound) => any(known.aliases, bound),
  text: (known, text: string) =>
    `${known.artifact}\n${known.description ?? ""}`.toLowerCase().includes(text.toLowerCase()),
  labels: (known, labels: { key: string; value?: Bound }[]) =>
    labels.every(({ key, value }) => known.labels.some((label) => label.key === key && fits(label.value, value ?? {}))),
  metadata: (known, all: (Bound & { key: string })[]) => all.every((one) => metadataFits(known, one)),
  latest: (known, wanted: boolean) => known.isLatest === wanted,
  producedBy: (known, wanted: object) => madeFits(known.producedBy, wanted),
  consumedBy: (known, wanted: object) => madeFits(known.consumedBy, wanted),
};

/** Whether a filter keeps a version, told by looking at each of its parts. */
export const keeps = (filter: object, known: Known): boolean =>
  Object.entries(filter).every(([name, wanted]) => {
    if (name === "and") return (wanted as object[]).every((item) => keeps(item, known));
    if (name === "or") return (wanted as object[]).some((item) => keeps(item, known));
    if (name === "not") return !keeps(wanted as object, known);
    return fields[name]?.(known, wanted as never) ?? given(known[name as keyof Known], wanted as Bound);
  });

/** Whether a filter speaks of the state. */
export const speaksOfState = (filter: object): boolean => JSON.stringify(filter).includes('"state"');

export interface Term {
  field: string;
  direction: "ASC" | "DESC";
  key?: string;
}
const keyOf = (known: Known, { field, key }: Term): unknown => {
  if (field === "METADATA") {
    const entry = known.entries.find((item) => item.key === key);
    return entry && comparable(entry);
  }
  const { createdAt, updatedAt, number, artifact, size } = known;
  return { CREATED_AT: createdAt, UPDATED_AT: updatedAt, NUMBER: number, NAME: artifact, SIZE: size }[field];
};
/** Numbers before texts before what has neither. */
const rank = (value: unknown): number => (typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2);

/** Compares two versions by an order; what is alike in all its terms goes by id. */
export const inOrder =
  (terms: Term[]) =>
  (a: Known, b: Known): number => {
    for (const term of terms) {
      const [left, right] = [keyOf(a, term), keyOf(b, term)];
      if (rank(left) !== rank(right)) return rank(left) - rank(right);
      const found = order(left, right) ?? 0;
      if (found) return term.direction === "ASC" ? found : -found;
    }
    return byPoints(a.id, b.id);
  };
