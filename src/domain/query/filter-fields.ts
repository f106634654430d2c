import { canonicalJson } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { ExecutionFilter, LabelFilter, MetadataFilter, StringFilter } from "../../model/filters.ts";
import type { Value } from "../../ports/statement.ts";
import { type ExactNumber, firstInexact, noRest, toExactNumber } from "../core/exact-number.ts";
import { indexedPart, isNotANumber, longHash, sortKey, toPlainValue } from "../core/metadata.ts";
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
import { type Operator, operatorNames, toCondition } from "./operators.ts";

/** A condition that holds for every item when the filter object gives no comparison. */
function ifAny(filter: object, condition: () => string): string {
  return givenEntries(filter).length ? condition() : "true";
}

/** Matches one of the item's tags. */
export const tag: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("tag", { condition: toComparison("tag.name", value, params) })),
  indexSeek: ({ eq }: StringFilter, params) => (eq ? [{ pattern: seekPattern("tag", { value: params.add(eq) }) }] : []),
};

/** Matches one of the tags that the item had as of the statement's `$asOf`. */
export const tagAsOf: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("tag-as-of", { condition: toComparison("tag.name", value, params) })),
};

/** Matches one of the aliases that point to the item. */
export const alias: FilterField = {
  condition: (value: StringFilter, params) =>
    ifAny(value, () => filterCondition("alias", { condition: toComparison("selector.name", value, params) })),
  indexSeek: ({ eq }: StringFilter, params) =>
    eq ? [{ pattern: seekPattern("alias", { value: params.add(eq) }) }] : [],
};

/** Matches the stage that the item is in. */
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

/** Matches items whose searchable text contains this text, ignoring case. */
export const text: FilterField = {
  condition: (value: string, params) => toCondition("contains", "item.text", params.add(value.toLowerCase())),
};

function labelCondition({ key, value }: LabelFilter, params: Parameters): string {
  return filterCondition("label", {
    key: params.add(key),
    condition: toComparison("label.value", value ?? {}, params),
  });
}

/** Matches items that have all of these labels. */
export const labels: FilterField = {
  condition: (value: LabelFilter[], params) =>
    joinConditions(
      value.map((item) => labelCondition(item, params)),
      "AND",
    ),
  indexSeek: (value: LabelFilter[], params) =>
    value.flatMap(({ key, value: comparison }) =>
      comparison?.eq
        ? [{ pattern: seekPattern("label", { key: params.add(key), value: params.add(comparison.eq) }) }]
        : [],
    ),
};

/** A compared value as leaves are indexed: a tagged value is the text in it, except NaN, which is indexed with its tag. */
function toIndexedValue(value: unknown): unknown {
  return isNotANumber(value) ? value : toPlainValue(value);
}

/** The property of a leaf that holds values like this one: texts are comparable, all other values are JSON that is equal or not. */
function toOperand(leaf: string, value: unknown): { operand: string; value: Value } {
  if (typeof value === "string") return { operand: `${leaf}.text`, value };
  return { operand: `${leaf}.json`, value: canonicalJson(value) };
}

/** Values longer than the indexed part are also compared by their hash, which only they have. */
function equalText(leaf: string, operand: string, value: string, params: Parameters): string {
  // The only index on texts is that on their sort key; JSON has none.
  const seek = operand.endsWith("text") ? [toCondition("eq", `${leaf}.sort`, params.add(sortKey(value)))] : [];
  const same = joinConditions([...seek, toCondition("eq", operand, params.add(indexedPart(value)))], "AND");
  const hash = longHash(value);
  const sameHash = hash ? toCondition("eq", `${leaf}.hash`, params.add(hash)) : `${leaf}.hash IS NULL`;
  return joinConditions([same, sameHash], "AND");
}

/** Numbers are compared as `compareNumbers` does: where whole numbers may have the same nearest float, by their rests too. */
function numberComparison(leaf: string, operator: Operator, { number, rest }: ExactNumber, params: Parameters): string {
  const operand = `${leaf}.number`;
  const nearest = params.add(number);
  if (!Number.isFinite(number) || Math.abs(number) < firstInexact) return toCondition(operator, operand, nearest);
  const byRest = toCondition(operator, `coalesce(${leaf}.rest, '${noRest}')`, params.add(rest));
  if (operator === "eq") return joinConditions([toCondition("eq", operand, nearest), byRest], "AND");
  const strict = operator === "gt" || operator === "gte" ? "gt" : "lt";
  const beyond = toCondition(strict, operand, nearest);
  // The first condition alone lets an index find the leaves.
  return joinConditions([toCondition(`${strict}e`, operand, nearest), joinConditions([beyond, byRest], "OR")], "AND");
}

function leafComparison(leaf: string, operator: Operator, compared: unknown, params: Parameters): string {
  if (operator === "in" && Array.isArray(compared)) {
    const alternatives = compared.map((item: unknown) => leafComparison(leaf, "eq", item, params));
    return joinConditions(alternatives, "OR");
  }
  const number = operator === "contains" || operator === "startsWith" ? null : toExactNumber(compared);
  if (number) return numberComparison(leaf, operator, number, params);
  const { operand, value } = toOperand(leaf, toIndexedValue(compared));
  if (operator === "eq" && typeof value === "string") return equalText(leaf, operand, value, params);
  if (operator !== "eq" && operand.endsWith("json")) return "false";
  if (operator !== "contains" && typeof value === "string")
    return toCondition(operator, `${leaf}.sort`, params.add(sortKey(value)));
  return toCondition(operator, operand, params.add(value));
}

/** The comparisons of a leaf's value. Unlike elsewhere, `eq: null` is a comparison: with a null that was logged. */
function leafComparisons(leaf: string, filter: { readonly [O in Operator]?: unknown }, params: Parameters): string[] {
  return operatorNames.flatMap((operator) => {
    const value = filter[operator];
    const isCompared = value !== undefined && (value !== null || operator === "eq");
    return isCompared ? [leafComparison(leaf, operator, value, params)] : [];
  });
}

/** The leaves of an item that a filter or an order looks at: its metadata, or a run's parameters or metrics. */
export type LeafRelation = "HAS_METADATA" | "HAS_PARAMETER" | "HAS_METRIC";

function leafCondition(relation: LeafRelation, filter: MetadataFilter, params: Parameters): string {
  const key = params.add(filter.key);
  const comparisons = leafComparisons("leaf", filter, params);
  const matches = filterCondition("metadata", { relation, key, condition: joinConditions(comparisons, "AND") });
  if (!isGiven(filter.exists)) return matches;
  const below = filterCondition("metadata-below", { relation, key: params.add(`${filter.key}.`) });
  const exists = `(${filterCondition("metadata", { relation, key, condition: "true" })} OR ${below})`;
  return filter.exists ? joinConditions([exists, ...(comparisons.length ? [matches] : [])], "AND") : `NOT ${exists}`;
}

function leafIndexSeek(relation: LeafRelation, filter: MetadataFilter, params: Parameters): IndexSeek[] {
  const key = params.add(filter.key);
  const name = `leaf${key.slice(1)}`;
  const comparisons = leafComparisons(name, filter, params);
  if (!comparisons.length || filter.exists === false) return [];
  const condition = joinConditions([`${name}.key = ${key}`, ...comparisons], "AND");
  return [{ pattern: seekPattern("metadata", { relation, name }), condition }];
}

/** A field that matches items whose leaves meet all of these conditions. */
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
  const anyOf = (operands: string[], filter: StringFilter) =>
    joinConditions(
      operands.map((operand) => toComparison(operand, filter, params)),
      "OR",
    );
  const conditions = [
    ...(run ? [anyOf(["x.runId", "x.runKey", "x.runName"], run)] : []),
    ...(step ? [`(x:Step AND ${anyOf(["x.id", "x.name"], step)})`] : []),
    ...(pipeline ? [toComparison("x.pipeline", pipeline, params)] : []),
    ...(params.projects ? [`x.project IN ${params.add(params.projects)}`] : []),
  ];
  return joinConditions(conditions, "AND");
}

/** A field that matches items which an execution produced or read: one of a run with this id, key or name, a step, or a run of a pipeline. */
export function executionField(name: "produced-by" | "consumed-by"): FilterField {
  return {
    condition: (value: ExecutionFilter, params) =>
      ifAny(value, () => filterCondition(name, { condition: executionCondition(value, params) })),
  };
}

/** Matches the newest version of each artifact that has not been deleted, or all others. */
export const latest: FilterField = {
  condition: (value: boolean) => (value ? filterCondition("latest", {}) : `NOT ${filterCondition("latest", {})}`),
};

/** Fields that compare the properties of the same names. */
export function propertyFields(...names: string[]): FilterFields {
  return Object.fromEntries(names.map((name) => [name, propertyField(`item.${name}`)]));
}
