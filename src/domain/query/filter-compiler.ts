import { fillTemplate } from "../../lib/cypher-files.ts";
import { isGiven } from "../../lib/is-given.ts";
import { isRecord } from "../../lib/is-record.ts";
import type { Params, Value } from "../../ports/statement.ts";
import { DomainError } from "../core/errors.ts";
import { type Comparisons, operatorNames, toCondition } from "./operators.ts";

/** Collects the parameters of a statement while its text is built. */
export interface Parameters {
  /** The projects that the actor may read, null for all: conditions on other nodes than the item must be limited to them. */
  projects: string[] | null;
  /** Adds a value; returns the name to write in the text, such as `$p0`. */
  add(value: Value): string;
  /** All values by name. */
  all(): Params;
}

/** Creates an empty collection of parameters; names follow the order in which values are added. */
export function createParameters(projects: string[] | null): Parameters {
  const values: Record<string, Value> = {};
  return {
    projects,
    add: (value) => {
      const name = `p${Object.keys(values).length}`;
      values[name] = value;
      return `$${name}`;
    },
    all: () => values,
  };
}

/** How one field of a filter becomes Cypher. Its value has the type that the field has in the GraphQL schema. */
export interface FilterField {
  /** A condition on `item`: true or false for every item, never null. */
  condition(value: unknown, params: Parameters): string;
  /**
   * Patterns that find the items by an index instead of testing every item, for a field at the top of a filter that compares with one value.
   * Empty for other comparisons. An item matches each pattern at most once.
   */
  indexSeek?(value: unknown, params: Parameters): IndexSeek[];
  /**
   * Whether the index seek of a value implies its condition, which is then omitted: a relationship that moves from item to item could have moved
   * between the two reads.
   */
  decidedByIndexSeek?(value: unknown): boolean;
}

/** A pattern that matches `item`, and a condition on the other nodes in it. */
export interface IndexSeek {
  pattern: string;
  condition?: string;
}

/** The fields of a filter by name. */
export type FilterFields = Record<string, FilterField>;

/** A filter of any noun: its own fields, which must all match, and nested filters. */
export interface Filter {
  and?: Filter[] | null;
  or?: Filter[] | null;
  not?: Filter | null;
}

/** The condition `filter/<name>` in cypher/query.cypher with its marks filled. */
export function filterCondition(name: string, marks: Record<string, string>): string {
  return fillTemplate(`filter/${name}`, marks);
}

/** The pattern `seek/<name>` in cypher/query.cypher, which finds items by an index, with its marks filled. */
export function seekPattern(name: string, marks: Record<string, string>): string {
  return fillTemplate(`seek/${name}`, marks);
}

/**
 * Joins conditions; no conditions are true for AND, false for OR. Constants are evaluated here, because Neo4j's planner fails on some statements
 * that combine a constant with a subquery.
 */
export function joinConditions(conditions: string[], operator: "AND" | "OR"): string {
  const [neutral, deciding] = operator === "AND" ? ["true", "false"] : ["false", "true"];
  if (conditions.includes(deciding)) return deciding;
  const [first, ...rest] = conditions.filter((condition) => condition !== neutral);
  if (first === undefined) return neutral;
  return rest.length ? `(${[first, ...rest].join(` ${operator} `)})` : first;
}

function negateCondition(condition: string): string {
  if (condition === "true" || condition === "false") return condition === "true" ? "false" : "true";
  return `NOT (${condition})`;
}

/** The members of a filter object that are given. */
export function givenEntries(filter: object): [string, unknown][] {
  return Object.entries(filter).filter(([, value]) => isGiven(value));
}

/** Compares an operand by all operators that a filter object such as `StringFilter` gives. */
export function toComparison(operand: string, filter: Comparisons, params: Parameters): string {
  const conditions = operatorNames.flatMap((operator) => {
    const value = filter[operator];
    return isGiven(value) ? [toCondition(operator, operand, params.add(value))] : [];
  });
  return joinConditions(conditions, "AND");
}

/** A field that compares an operand, such as a property of the item. */
export function propertyField(operand: string): FilterField {
  return { condition: (value: Comparisons, params) => toComparison(operand, value, params) };
}

function toParts({ and, or, not, ...fields }: Filter) {
  return { and: and ?? [], or, not, fields: givenEntries(fields) };
}

function getNested({ and, or, not }: Filter): Filter[] {
  return [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])];
}

/** Whether a filter has a condition on this field, at any depth. */
export function mentionsField(filter: Filter, field: string): boolean {
  const isOwn = toParts(filter).fields.some(([name]) => name === field);
  return isOwn || getNested(filter).some((nested) => mentionsField(nested, field));
}

const maxDepth = 20;
const maxConditions = 500;

function measure(filter: Filter): { depth: number; conditions: number } {
  const nested = getNested(filter).map(measure);
  const own = toParts(filter).fields.reduce((sum, [, value]) => sum + (Array.isArray(value) ? value.length : 1), 0);
  return {
    depth: 1 + Math.max(0, ...nested.map(({ depth }) => depth)),
    conditions: own + nested.reduce((sum, { conditions }) => sum + conditions, 0),
  };
}

function assertWithin(limit: number, actual: number, what: string): void {
  if (actual <= limit) return;
  const message = `the filter has ${actual} ${what}; the limit is ${limit}`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** Throws `TOO_COMPLEX` for a filter nested more than 20 levels deep or with more than 500 conditions. */
export function validateFilter(filter: Filter): void {
  const { depth, conditions } = measure(filter);
  assertWithin(maxDepth, depth, "levels");
  assertWithin(maxConditions, conditions, "conditions");
}

/**
 * Compiles a filter to a condition on `item`. A field that is not known matches nothing. `hasIndexSeeks` says that the statement also has the
 * filter's index seeks, so that conditions implied by them are omitted.
 */
export function compileFilter(
  filter: Filter,
  known: FilterFields,
  params: Parameters,
  hasIndexSeeks: boolean = false,
): string {
  const { and, or, not, fields } = toParts(filter);
  const compileField = (name: string, value: unknown): string => {
    if (hasIndexSeeks && known[name]?.decidedByIndexSeek?.(value)) return "true";
    return known[name]?.condition(value, params) ?? "false";
  };
  const conditions = [
    ...fields.map(([name, value]) => compileField(name, value)),
    ...and.map((nested) => compileFilter(nested, known, params, hasIndexSeeks)),
  ];
  if (or) {
    const alternatives = or.map((nested) => compileFilter(nested, known, params));
    conditions.push(joinConditions(alternatives, "OR"));
  }
  if (not) conditions.push(negateCondition(compileFilter(not, known, params)));
  return joinConditions(conditions, "AND");
}

/** The part of a filter that is about these fields: conditions on other fields are neutral. Null if nothing is left. */
export function restrictToFields(filter: Filter, known: FilterFields): Filter | null {
  const { and, or, not, fields } = toParts(filter);
  const restrict = (filters: Filter[]): Filter[] => filters.flatMap((nested) => restrictToFields(nested, known) ?? []);
  const [all, any, none] = [restrict(and), or && restrict(or), not && restrictToFields(not, known)];
  const left: [string, unknown][] = fields.filter(([name]) => Object.hasOwn(known, name));
  if (all.length) left.push(["and", all]);
  // An empty `or` is false; one whose alternatives are all about other fields is neutral.
  if (any && (any.length || !or?.length)) left.push(["or", any]);
  if (none) left.push(["not", none]);
  return left.length ? Object.fromEntries(left) : null;
}

/** Which of these fields a filter limits to one value, by its own `eq` or one in its `and`. */
export function pinnedFields(filter: Filter, names: string[]): string[] {
  const { and, fields } = toParts(filter);
  const own = fields.filter(([, value]) => isRecord(value) && isGiven(value.eq)).map(([name]) => name);
  const all = new Set([...own, ...and.flatMap((nested) => pinnedFields(nested, names))]);
  return names.filter((name) => all.has(name));
}

/** The index seeks of a filter's own fields and of those in its `and`. */
export function compileIndexSeeks(filter: Filter, known: FilterFields, params: Parameters): IndexSeek[] {
  const { and, fields } = toParts(filter);
  const own = fields.flatMap(([name, value]) => known[name]?.indexSeek?.(value, params) ?? []);
  return [...own, ...and.flatMap((nested) => compileIndexSeeks(nested, known, params))];
}
