import { fillTemplate } from "../../lib/cypher-files.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Params, Value } from "../../ports/statement.ts";
import { DomainError } from "../core/errors.ts";
import { toCondition } from "./operators.ts";

/** Gives every value a parameter of its own. */
export interface Parameters {
  /** The projects that may be seen, null for all: what a filter looks at beside the item must be in one of them. */
  projects: string[] | null;
  /** The name to write in the statement. */
  add(value: Value): string;
  all(): Params;
}

/** Parameters named in the order that they were added. */
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

/** How one field of a filter becomes Cypher. */
export interface FilterField {
  /** A condition on `item`: true or false for every item, never null. */
  condition(value: never, params: Parameters): string;
  /**
   * A pattern to start from where the field stands at the top of a filter and names a value: an index then finds the items, which a condition
   * alone would only test. None where it doesn't; an item matches each at most once.
   */
  indexSeek?(value: never, params: Parameters): IndexSeek[];
  /**
   * Whether the anchors of a value say all that its condition does. The condition is then left out: what moves from item to item would be
   * looked at twice, and between the two looks it may have moved.
   */
  decidedByIndexSeek?(value: never): boolean;
}

/** A pattern that holds `item`, and a condition on what else is in it. */
export interface IndexSeek {
  pattern: string;
  condition?: string;
}

/** The fields of a filter by their names. */
export type FilterFields = Record<string, FilterField>;

/** Fills the marks of a condition, `filter/<name>` in cypher/query.cypher. */
export function filterCondition(name: string, marks: Record<string, string>): string {
  return fillTemplate(`filter/${name}`, marks);
}

/** The pattern that finds items by an index, `seek/<name>` in cypher/query.cypher. */
export function seekPattern(name: string, marks: Record<string, string>): string {
  return fillTemplate(`seek/${name}`, marks);
}

/**
 * Joins conditions; none of them are true for AND, false for OR. What is decided by a constant is decided here: Neo4j's planner fails on some
 * statements where a constant stands beside a subquery.
 */
export function joinConditions(conditions: string[], word: "AND" | "OR"): string {
  const [neutral, deciding] = word === "AND" ? ["true", "false"] : ["false", "true"];
  if (conditions.includes(deciding)) return deciding;
  const [first, ...rest] = conditions.filter((condition) => condition !== neutral);
  if (first === undefined) return neutral;
  return rest.length ? `(${[first, ...rest].join(` ${word} `)})` : first;
}

/** The opposite of a condition. */
function negated(condition: string): string {
  if (condition === "true" || condition === "false") return condition === "true" ? "false" : "true";
  return `NOT (${condition})`;
}

/** The members of a filter object that are given. */
export function givenEntries(filter: object): [string, unknown][] {
  return Object.entries(filter).filter(([, value]) => isGiven(value));
}

/** Compares an operand in all the ways that a filter object such as `StringFilter` names. */
export function toComparison(operand: string, filter: object, params: Parameters): string {
  return joinConditions(
    givenEntries(filter).map(([name, value]) => toCondition(name, operand, params.add(value as Value))),
    "AND",
  );
}

/** A property of the item, or another operand, compared. */
export function propertyField(operand: string): FilterField {
  return {
    condition: (value: object, params) => toComparison(operand, value, params),
  };
}

interface Nested {
  and?: object[] | null;
  or?: object[] | null;
  not?: object | null;
}

function parts(filter: object) {
  const { and, or, not, ...fields } = filter as Nested & Record<string, unknown>;
  return { and: and ?? [], or, not, fields: givenEntries(fields) };
}

/** Whether a field stands anywhere in a filter. */
export function mentionsField(filter: object, field: string): boolean {
  const { and, or, not, fields } = parts(filter);
  const nested = [...and, ...(or ?? []), ...(not ? [not] : [])];
  return fields.some(([name]) => name === field) || nested.some((item) => mentionsField(item, field));
}

const most = { depth: 20, conditions: 500 };

function measure(filter: object): { depth: number; conditions: number } {
  const { and, or, not, fields } = parts(filter);
  const nested = [...and, ...(or ?? []), ...(not ? [not] : [])].map(measure);
  const own = fields.reduce((sum, [, value]) => sum + (Array.isArray(value) ? value.length : 1), 0);
  return {
    depth: 1 + Math.max(0, ...nested.map(({ depth }) => depth)),
    conditions: own + nested.reduce((sum, { conditions }) => sum + conditions, 0),
  };
}

/** Refuses a filter that is too deep or has too many conditions, as `TOO_COMPLEX`. */
export function validateFilter(filter: object): void {
  const { depth, conditions } = measure(filter);
  const [what, limit, actual] =
    depth > most.depth ? ["levels", most.depth, depth] : ["conditions", most.conditions, conditions];
  if (Number(actual) <= Number(limit)) return;
  const message = `the filter has ${actual} ${what}, at most ${limit} are taken`;
  throw new DomainError("TOO_COMPLEX", message, { limit: Number(limit), actual: Number(actual) });
}

/**
 * The one compiler of filters: fields that are known, joined by AND; `and`, `or` and `not` nested freely. `anchored` says that the statement
 * starts from the filter's anchors.
 */
export function compileFilter(
  filter: object,
  known: FilterFields,
  params: Parameters,
  anchored: boolean = false,
): string {
  const { and, or, not, fields } = parts(filter);
  const conditionOf = (name: string, value: unknown): string => {
    if (anchored && known[name]?.decidedByIndexSeek?.(value as never)) return "true";
    return known[name]?.condition(value as never, params) ?? "false";
  };
  const conditions = [
    ...fields.map(([name, value]) => conditionOf(name, value)),
    ...and.map((item) => compileFilter(item, known, params, anchored)),
  ];
  if (or)
    conditions.push(
      joinConditions(
        or.map((item) => compileFilter(item, known, params)),
        "OR",
      ),
    );
  if (not) conditions.push(negated(compileFilter(not, known, params)));
  return joinConditions(conditions, "AND");
}

/** What of a filter speaks of these fields: whatever else stands in it is neutral. Null when nothing does. */
export function restrictToFields(filter: object, known: FilterFields): object | null {
  const { and, or, not, fields } = parts(filter);
  const within = (items: object[]): object[] => items.flatMap((item) => restrictToFields(item, known) ?? []);
  const [all, any, none] = [within(and), or && within(or), not && restrictToFields(not, known)];
  const left: [string, unknown][] = fields.filter(([name]) => Object.hasOwn(known, name));
  if (all.length) left.push(["and", all]);
  // One of nothing at all is false; one of things that don't apply is neutral.
  if (any && (any.length || !or?.length)) left.push(["or", any]);
  if (none) left.push(["not", none]);
  return left.length ? Object.fromEntries(left) : null;
}

/** Which of these fields a filter pins to one value, by its own `eq` or one in its `and`. */
export function pinnedFields(filter: object, names: string[]): string[] {
  const { and, fields } = parts(filter);
  const own = fields.filter(([, value]) => isGiven((value as { eq?: unknown }).eq)).map(([name]) => name);
  const all = new Set([...own, ...and.flatMap((item) => pinnedFields(item, names))]);
  return names.filter((name) => all.has(name));
}

/** The patterns that a filter's own fields, and those of its `and`, give to start from. */
export function compileIndexSeeks(filter: object, known: FilterFields, params: Parameters): IndexSeek[] {
  const { and, fields } = parts(filter);
  const own = fields.flatMap(([name, value]) => known[name]?.indexSeek?.(value as never, params) ?? []);
  return [...own, ...and.flatMap((item) => compileIndexSeeks(item, known, params))];
}
