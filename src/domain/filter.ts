import { cypherText, type Params, type Value } from "../ports/statement.ts";

/** A condition on `item` in Cypher, with the values of its parameters. */
export interface Condition {
  text: string;
  params: Params;
}

const comparisons = ["eq", "in", "contains", "startsWith", "gt", "gte", "lt", "lte"] as const;
type Comparison = (typeof comparisons)[number];

const fragments = Object.fromEntries(comparisons.map((name) => [name, cypherText(`filter/${name}`)]));

/** Gives every value a parameter of its own. */
export interface Parameters {
  add(value: Value): string;
  all(): Params;
}

/** Parameters named by a prefix and their number. */
export const parameters = (prefix = "p"): Parameters => {
  const values: Record<string, Value> = {};
  return {
    add: (value) => {
      const name = `${prefix}${Object.keys(values).length}`;
      values[name] = value;
      return `$${name}`;
    },
    all: () => values,
  };
};

/** How one field of a filter becomes Cypher: true or false for every item, never null. */
export type Leaf = (value: unknown, params: Parameters) => string;

/** Fills a fragment of `cypher/filter/`. */
const fill = (fragment: string, operand: string, value: string): string =>
  fragment.replaceAll("/*operand*/", operand).replaceAll("/*value*/", value);

const joined = (conditions: string[], word: "AND" | "OR"): string =>
  conditions.length ? `(${conditions.join(` ${word} `)})` : word === "AND" ? "true" : "false";

/** Compares a property, or another operand, in all the ways that its filter object names. */
export const property =
  (operand: string): Leaf =>
  (value, params) => {
    const given = Object.entries(value as Partial<Record<Comparison, Value>>).filter(
      ([, item]) => item !== null && item !== undefined,
    );
    return joined(
      given.map(([name, item]) => fill(fragments[name] ?? "false", operand, params.add(item as Value))),
      "AND",
    );
  };

const tagged = cypherText("filter/tag");

/** Whether one of the item's tags fits. */
export const tag: Leaf = (value, params) => tagged.replace("/*condition*/", property("tag.name")(value, params));

/** Whether the searched text holds this one, upper and lower case alike. */
export const text: Leaf = (value, params) =>
  fill(fragments.contains ?? "", "item.text", params.add(String(value).toLowerCase()));

interface Nested {
  and?: object[] | null;
  or?: object[] | null;
  not?: object | null;
}

/** Whether a field stands anywhere in a filter. */
export const mentions = (filter: object, field: string): boolean =>
  Object.entries(filter).some(
    ([name, value]) =>
      (name === field && value !== null && value !== undefined) ||
      (["and", "or"].includes(name) && Array.isArray(value) && value.some((item: object) => mentions(item, field))) ||
      (name === "not" && value && mentions(value as object, field)),
  );

/** The one compiler of filters: fields by the table of leaves, joined by AND; `and`, `or` and `not` nested freely. */
export const compileFilter = (filter: object, leaves: Record<string, Leaf>, params: Parameters): string => {
  const { and, or, not, ...fields } = filter as Nested & Record<string, unknown>;
  const conditions = Object.entries(fields)
    .filter(([, value]) => value !== null && value !== undefined)
    .map(([name, value]) => leaves[name]?.(value, params) ?? "false");
  if (and)
    conditions.push(
      joined(
        and.map((item) => compileFilter(item, leaves, params)),
        "AND",
      ),
    );
  if (or)
    conditions.push(
      joined(
        or.map((item) => compileFilter(item, leaves, params)),
        "OR",
      ),
    );
  if (not) conditions.push(`NOT ${compileFilter(not, leaves, params)}`);
  return joined(conditions, "AND");
};
