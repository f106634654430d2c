import type { Comparison, ComparisonRow } from "../../model/compare.ts";
import { invalid } from "../core/errors.ts";
import { subtract } from "../core/exact-number.ts";
import type { ComparableValues } from "./comparable-values.ts";

const maxItems = 200;

/** Throws `INVALID_INPUT` unless 1 to 200 items are compared; `what` names them in the message. */
export function validateItemCount(of: string[], what: string): void {
  if (of.length < 1 || of.length > maxItems)
    throw invalid("of", `give 1 to ${maxItems} ${what}; ${of.length} were given`);
}

/** The difference of a value from the first item's value; null unless both are numbers and the difference is finite. */
function getChange(first: unknown, value: unknown): number | null {
  const change = subtract(value, first);
  return Number.isFinite(change) ? change : null;
}

function toRows(items: ComparableValues[], name: keyof ComparableValues): ComparisonRow[] {
  const keys = new Set(items.flatMap((item) => [...item[name].keys()]));
  return [...keys].sort().map((key) => {
    const values = items.map((item) => item[name].get(key) ?? null);
    return { key, values, changes: values.map((value) => getChange(values[0], value)) };
  });
}

/** Lines up the values of several items by key. */
export function toComparison(items: ComparableValues[]): Comparison {
  return {
    metadata: toRows(items, "metadata"),
    parameters: toRows(items, "parameters"),
    metrics: toRows(items, "metrics"),
  };
}
