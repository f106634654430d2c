import { canonicalJson } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { ExecutionFilter, LabelFilter, MetadataFilter, StringFilter } from "../../model/filters.ts";
import type { Value } from "../../ports/statement.ts";
import { indexedPart, longHash, sortKey } from "../core/metadata.ts";
import {
  type FilterField,
  type FilterFields,
  filterCondition,
  givenEntries,
  type IndexSeek,
  joinConditions,
  type Parameters,
  propertyField,
  seekPattern,
  toComparison,
} from "./filter-compiler.ts";
import { toCondition } from "./operators.ts";

/** An empty comparison holds of everything. */
function ifAny(value: object, condition: () => string): string {
  return givenEntries(value).length ? condition() : "true";
}

/** One of the item's tags. */
export const tag: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("tag", { condition: toComparison("tag.name", value, params) })),
  indexSeek: ({ eq }: StringFilter, params) => (eq ? [{ pattern: seekPattern("tag", { value: params.add(eq) }) }] : []),
};

/** One of the tags that the item had at the statement's `$asOf`. */
export const tagAsOf: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("tag-then", { condition: toComparison("tag.name", value, params) })),
};

/** One of the aliases that point to the item. */
export const alias: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("alias", { condition: toComparison("selector.name", value, params) })),
  indexSeek: ({ eq }: StringFilter, params) =>
    eq ? [{ pattern: seekPattern("alias", { value: params.add(eq) }) }] : [],
};

/** The stage that the item is in. */
export const stage: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("stage", { condition: toComparison("holder.stage", value, params) })),
  indexSeek: ({ eq }: StringFilter, params) => {
    if (!eq) return [];
    const value = params.add(eq);
    const name = `holder${value.slice(1)}`;
    return [{ pattern: seekPattern("stage", { name, value }), condition: `item:Entity AND item.id = ${name}.version` }];
  },
  decidedByIndexSeek: (value: StringFilter) => Boolean(value.eq) && givenEntries(value).length === 1,
};

/** The searched text holds this one, upper and lower case alike. */
export const text: FilterField = {
  condition: (value: string, params) => toCondition("contains", "item.text", params.add(value.toLowerCase())),
};

function label({ key, value }: LabelFilter, params: Parameters): string {
  return filterCondition("label", {
    key: params.add(key),
    condition: toComparison("label.value", value ?? {}, params),
  });
}

/** All of these labels. */
export const labels: FilterField = {
  condition: (value: LabelFilter[], params) =>
    joinConditions(
      value.map((item) => label(item, params)),
      "AND",
    ),
  indexSeek: (value: LabelFilter[], params) =>
    value.flatMap(({ key, value: wanted }) =>
      wanted?.eq ? [{ pattern: seekPattern("label", { key: params.add(key), value: params.add(wanted.eq) }) }] : [],
    ),
};

/** A tagged value is looked for as it is indexed: as the number or text in it, but for NaN and infinities. */
function untagged(value: unknown): unknown {
  if (!value || typeof value !== "object" || !("$type" in value && "value" in value)) return value;
  return value.$type === "FLOAT" && typeof value.value === "string" ? value : value.value;
}

/** Where a value of a leaf is kept: numbers and texts to be compared, anything else as JSON that is equal or not. */
function operandOf(leaf: string, value: unknown): { operand: string; value: Value } {
  if (typeof value === "number") return { operand: `${leaf}.number`, value };
  if (typeof value === "string") return { operand: `${leaf}.text`, value };
  return { operand: `${leaf}.json`, value: canonicalJson(value) };
}

/** What is longer than its index is told apart by its hash; a hash is only looked at where the indexed part is full. */
function equalText(leaf: string, operand: string, value: string, params: Parameters): string {
  const part = indexedPart(value);
  // Texts are found by what they are ordered by, the one index over them; JSON is not ordered.
  const found = operand.endsWith("text") ? [toCondition("eq", `${leaf}.sort`, params.add(sortKey(value)))] : [];
  const same = joinConditions([...found, toCondition("eq", operand, params.add(part))], "AND");
  const hash = longHash(value);
  if (hash) return joinConditions([same, toCondition("eq", `${leaf}.hash`, params.add(hash))], "AND");
  return joinConditions([same, `${leaf}.hash IS NULL`], "AND");
}

function leafComparison(leaf: string, name: string, wanted: unknown, params: Parameters): string {
  if (name === "in") {
    const each = (wanted as unknown[]).map((item) => leafComparison(leaf, "eq", item, params));
    return joinConditions(each, "OR");
  }
  const { operand, value } = operandOf(leaf, untagged(wanted));
  if (name === "eq" && typeof value === "string") return equalText(leaf, operand, value, params);
  if (name !== "eq" && operand.endsWith("json")) return "false";
  if (name !== "contains" && typeof value === "string") {
    return toCondition(name, `${leaf}.sort`, params.add(sortKey(value)));
  }
  return toCondition(name, operand, params.add(value));
}

/** Conditions on a leaf. `eq: null` asks for a null that was logged: only a comparison that isn't there at all is none. */
function leafComparisons(
  leaf: string,
  { key: _, exists: __, ...wanted }: MetadataFilter,
  params: Parameters,
): string[] {
  return Object.entries(wanted)
    .filter(([name, value]) => value !== undefined && (value !== null || name === "eq"))
    .map(([name, value]) => leafComparison(leaf, name, value, params));
}

/** Which leaves of an item: its metadata, or those of a run's parameters or metrics. */
export type LeafRelation = "HAS_METADATA" | "HAS_PARAMETER" | "HAS_METRIC";

function leafCondition(relation: LeafRelation, filter: MetadataFilter, params: Parameters): string {
  const { key, exists } = filter;
  const keyed = params.add(key);
  const conditions = leafComparisons("leaf", filter, params);
  const holds = filterCondition("metadata", { relation, key: keyed, condition: joinConditions(conditions, "AND") });
  if (!isGiven(exists)) return holds;
  const below = filterCondition("metadata-below", { relation, key: params.add(`${key}.`) });
  const there = `(${filterCondition("metadata", { relation, key: keyed, condition: "true" })} OR ${below})`;
  return exists ? joinConditions([there, ...(conditions.length ? [holds] : [])], "AND") : `NOT ${there}`;
}

function leafIndexSeek(relation: LeafRelation, filter: MetadataFilter, params: Parameters): IndexSeek[] {
  const key = params.add(filter.key);
  const name = `leaf${key.slice(1)}`;
  const conditions = leafComparisons(name, filter, params);
  if (!conditions.length || filter.exists === false) return [];
  const condition = joinConditions([`${name}.key = ${key}`, ...conditions], "AND");
  return [{ pattern: seekPattern("metadata", { relation, name }), condition }];
}

/** All of these hold of the item's leaves. */
export function leavesField(relation: LeafRelation): FilterField {
  return {
    condition: (value: MetadataFilter[], params) =>
      joinConditions(
        value.map((item) => leafCondition(relation, item, params)),
        "AND",
      ),
    indexSeek: (value: MetadataFilter[], params) => value.flatMap((item) => leafIndexSeek(relation, item, params)),
  };
}

function executionCondition({ run, step, pipeline }: ExecutionFilter, params: Parameters): string {
  const any = (operands: string[], filter: StringFilter) =>
    joinConditions(
      operands.map((operand) => toComparison(operand, filter, params)),
      "OR",
    );
  const conditions = [
    ...(run ? [any(["x.runId", "x.runKey", "x.runName"], run)] : []),
    ...(step ? [`(x:Step AND ${any(["x.id", "x.name"], step)})`] : []),
    ...(pipeline ? [toComparison("x.pipeline", pipeline, params)] : []),
    ...(params.projects ? [`x.project IN ${params.add(params.projects)}`] : []),
  ];
  return joinConditions(conditions, "AND");
}

/** Made, or read, by an execution: of a run by its id, key or name; a step by its id or name; a pipeline. */
export function executionField(name: "produced-by" | "consumed-by"): FilterField {
  return {
    condition: (value: ExecutionFilter, params) =>
      ifAny(value, () => filterCondition(name, { condition: executionCondition(value, params) })),
  };
}

/** Whether the item is the newest of its artifact that is there. */
export const latest: FilterField = {
  condition: (value: boolean) => (value ? filterCondition("latest", {}) : `NOT ${filterCondition("latest", {})}`),
};

export function propertyFields(...names: string[]): FilterFields {
  return Object.fromEntries(names.map((name) => [name, propertyField(`item.${name}`)]));
}
