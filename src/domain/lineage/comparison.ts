import type { Comparison, ComparisonRow } from "../../model/compare.ts";
import { invalid } from "../core/errors.ts";
import type { ComparableValues } from "./comparable-values.ts";

const most = 200;

export function validateCount(of: string[], what: string): void {
  if (of.length < 1 || of.length > most) throw invalid("of", `1 to ${most} ${what}, not ${of.length}`);
}

/** How much a value is above the first; null unless both are numbers and the difference is one. */
function changeFrom(first: unknown, value: unknown): number | null {
  if (typeof first !== "number" || typeof value !== "number") return null;
  return Number.isFinite(value - first) ? value - first : null;
}

function rowsOf(items: ComparableValues[], name: keyof ComparableValues): ComparisonRow[] {
  const keys = new Set(items.flatMap((item) => [...item[name].keys()]));
  return [...keys].sort().map((key) => {
    const values = items.map((item) => item[name].get(key) ?? null);
    return { key, values, changes: values.map((value) => changeFrom(values[0], value)) };
  });
}

export function toComparison(items: ComparableValues[]): Comparison {
  return {
    metadata: rowsOf(items, "metadata"),
    parameters: rowsOf(items, "parameters"),
    metrics: rowsOf(items, "metrics"),
  };
}
