import fc from "fast-check";
import type { ArtifactFacts, Maker, RunFacts, Term, VersionFacts } from "./plain-filter.ts";

type Entry = VersionFacts["entries"][number];
type Fields = Record<string, fc.Arbitrary<unknown>>;

/** Existing words, and one that is missing. */
function words(values: (string | null)[]): string[] {
  return [...new Set([...values.filter((value) => value !== null), "nobody"])];
}
function part(word: string, from: number, to: number): string {
  return [...word].slice(from, to).join("");
}
function textual(values: (string | null)[]) {
  const word = fc.constantFrom(...words(values));
  return fc.oneof(
    fc.record({ eq: word }),
    fc.record({ in: fc.subarray(words(values)) }),
    fc.record({ contains: word.map((value) => part(value, 1, 4)) }),
    fc.record({ startsWith: word.map((value) => part(value, 0, 2)) }),
  );
}
function ranged<T>(value: fc.Arbitrary<T>) {
  return fc
    .record({ eq: value, gt: value, gte: value, lt: value, lte: value }, { requiredKeys: [] })
    .map((bound) => Object.fromEntries(Object.entries(bound).slice(0, 2)));
}
function times(values: (string | null)[]) {
  return ranged(fc.constantFrom("2026-01-01T00:00:00.000Z", ...values.filter((value) => value !== null)));
}
function whole(values: (number | null)[]) {
  const number = fc.constantFrom(0, 2, ...values.filter((value) => value !== null));
  return fc.oneof(ranged(number), fc.record({ in: fc.array(number, { maxLength: 3 }) }));
}
function oneOf(values: string[]) {
  const value = fc.constantFrom(...values);
  return fc.oneof(fc.record({ eq: value }), fc.record({ in: fc.subarray([...new Set(values)]) }));
}
function search(values: (string | null)[]) {
  return fc.oneof(
    fc.constant(""),
    fc.constantFrom(...words(values)).map((value) => part(value, 0, 5).toUpperCase()),
    fc.constantFrom(...words(values)).map((value) => part(value, 1, 3)),
  );
}

const numbers = [-1, 0, 1, 1.5, 5, 1e300, 2 ** 53 - 1];
const texts = ["", "alpha", "5", "true", "データ", "ｚ", "null"];
const others = [true, false, null, [1, 2], [], {}, { $type: "FLOAT", value: "NaN" }];
function tagged({ type, value }: Entry): unknown {
  return ["URI", "PATH", "DTYPE", "STORAGE_SIZE", "DATETIME", "FLOAT"].includes(type) ? { $type: type, value } : value;
}

function leaves(all: Entry[]) {
  const parents = all.flatMap(({ key }) => key.split(/(?<!\\)\./).slice(0, 1));
  const keys = [...new Set([...all.map(({ key }) => key), ...parents, "missing"])];
  const leaf = fc.constantFrom(...keys).chain((key) => {
    const there = all.filter((entry) => entry.key === key);
    const value = fc.constantFrom<unknown>(...numbers, ...texts, ...others, ...there.map(tagged));
    const seen = there.map((entry) => entry.value);
    const number = fc.constantFrom(...numbers, ...seen.filter((item) => typeof item === "number"));
    const text = fc.constantFrom(...texts, ...seen.filter((item) => typeof item === "string"));
    return fc.oneof(
      fc.constantFrom({ key, exists: true }, { key, exists: false }, { key }),
      fc.record({ key: fc.constant(key), eq: value }),
      fc.record({
        key: fc.constant(key),
        in: fc.array(
          value.filter((item) => item !== null),
          { maxLength: 3 },
        ),
      }),
      fc.record({ key: fc.constant(key), contains: text.map((item) => part(item, 1, 3)) }),
      fc
        .record({ key: fc.constant(key), gt: text, exists: fc.boolean() })
        .map(({ exists, ...rest }) => (exists ? { ...rest, exists } : rest)),
      ranged(fc.oneof(number, text)).map((bound) => ({ key, ...bound })),
    );
  });
  return fc.array(leaf, { maxLength: 2 });
}

function executions(makers: Maker[]) {
  const of = (...names: (keyof Maker)[]) => textual(makers.flatMap((maker) => names.map((name) => maker[name])));
  const fields = { run: of("runId", "runKey", "runName"), step: of("stepId", "stepName"), pipeline: of("pipeline") };
  return fc.record(fields, { requiredKeys: [] });
}

/** At most two fields per object, up to four levels deep. */
function nested(fields: Fields): fc.Arbitrary<object> {
  const leaf = fc.subarray(Object.keys(fields), { maxLength: 2 }).chain((names) => {
    const chosen = Object.entries(fields).filter(([name]) => names.includes(name));
    return fc.record<Record<string, unknown>>(Object.fromEntries(chosen));
  });
  const nest = (depth: number): fc.Arbitrary<object> =>
    depth === 0
      ? leaf
      : fc.oneof(
          leaf,
          fc.record({ and: fc.array(nest(depth - 1), { maxLength: 3 }) }),
          fc.record({ or: fc.array(nest(depth - 1), { maxLength: 3 }) }),
          fc.record({ not: nest(depth - 1) }),
          fc.tuple(leaf, nest(depth - 1)).map(([own, not]) => ({ ...own, not })),
        );
  return nest(4);
}

/** Random filters over existing versions. */
export function versionFilters(all: VersionFacts[]): fc.Arbitrary<object> {
  const each = <T>(of: (version: VersionFacts) => T): T[] => all.map(of);
  const labels = all.flatMap((version) => version.labels);
  const label = fc.record(
    { key: fc.constantFrom("none", ...labels.map(({ key }) => key)), value: textual(labels.map(({ value }) => value)) },
    { requiredKeys: ["key"] },
  );
  return nested({
    project: textual(each(({ project }) => project)),
    artifact: textual(each(({ artifact }) => artifact)),
    kind: oneOf(["PLOT", ...each(({ kind }) => kind)]),
    number: whole(each(({ number }) => number)),
    versionName: textual(each(({ versionName }) => versionName)),
    tag: textual(all.flatMap(({ tags }) => tags)),
    alias: textual(all.flatMap(({ aliases }) => aliases)),
    state: oneOf(["READY", "DELETED"]),
    author: textual(["local"]),
    producedBy: executions(all.flatMap(({ producedBy }) => producedBy)),
    consumedBy: executions(all.flatMap(({ consumedBy }) => consumedBy)),
    createdAt: times(each(({ createdAt }) => createdAt)),
    updatedAt: times(each(({ updatedAt }) => updatedAt)),
    size: whole(each(({ size }) => size)),
    digest: textual(each(({ digest }) => digest)),
    text: search(all.flatMap(({ artifact, description }) => [artifact, description])),
    labels: fc.array(label, { maxLength: 2 }),
    metadata: leaves(all.flatMap(({ entries }) => entries)),
    latest: fc.boolean(),
  });
}

/** Random filters over existing artifacts. */
export function artifactFilters(all: ArtifactFacts[]): fc.Arbitrary<object> {
  const each = <T>(of: (artifact: ArtifactFacts) => T): T[] => all.map(of);
  return nested({
    project: textual(each(({ project }) => project)),
    name: textual(each(({ name }) => name)),
    kind: oneOf(["PLOT", ...each(({ kind }) => kind)]),
    tag: textual(all.flatMap(({ tags }) => tags)),
    text: search(all.flatMap(({ name, description }) => [name, description])),
    createdAt: times(each(({ createdAt }) => createdAt)),
    updatedAt: times(each(({ updatedAt }) => updatedAt)),
  });
}

/** Random filters over existing runs. */
export function runFilters(all: RunFacts[]): fc.Arbitrary<object> {
  const each = <T>(of: (run: RunFacts) => T): T[] => all.map(of);
  return nested({
    project: textual(each(({ project }) => project)),
    pipeline: textual(each(({ pipeline }) => pipeline)),
    name: textual(each(({ name }) => name)),
    key: textual(each(({ key }) => key)),
    status: oneOf(["QUEUED", ...each(({ status }) => status)]),
    tag: textual(all.flatMap(({ tags }) => tags)),
    author: textual(["local"]),
    startedAt: times(each(({ startedAt }) => startedAt)),
    endedAt: times(each(({ endedAt }) => endedAt)),
    text: search(each(({ name }) => name)),
    parameters: leaves(all.flatMap(({ parameters }) => parameters)),
    metrics: leaves(all.flatMap(({ metrics }) => metrics)),
    metadata: leaves(all.flatMap(({ entries }) => entries)),
  });
}

/** Random orders by some of these fields; those with a key get one of these, or a missing one. */
export function orders(fields: string[], keys: string[]): fc.Arbitrary<Term[]> {
  const term = fc.record({
    field: fc.constantFrom(...fields),
    direction: fc.constantFrom<Term["direction"]>("ASC", "DESC"),
    key: fc.constantFrom("missing", ...keys),
  });
  const keyed = ["METADATA", "PARAMETER", "METRIC"];
  return fc.array(
    term.map(({ key, ...rest }) => (keyed.includes(rest.field) ? { ...rest, key } : rest)),
    { maxLength: 3 },
  );
}
