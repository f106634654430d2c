import type { Comparison, ComparisonRow } from "../../model/compare.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { findExecutions } from "../recording/executions.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { type ComparableValues, findVersionValues, toRunValues } from "./comparable-values.ts";

const most = 200;

function validateCount(of: string[], what: string): void {
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

function comparisonOf(items: ComparableValues[]): Comparison {
  return {
    metadata: rowsOf(items, "metadata"),
    parameters: rowsOf(items, "parameters"),
    metrics: rowsOf(items, "metrics"),
  };
}

/** 1 to 200 versions side by side; all must be readable. */
export async function compareVersions(context: RequestContext, of: string[]): Promise<Comparison> {
  validateCount(of, "versions");
  const asked = of.map((text, i) => ({ text, field: `of[${i}]` }));
  const found = await resolveReferences(context.ports.graph.read, context.actor, asked);
  const rows = of.flatMap((text) => found.get(text) ?? []);
  return comparisonOf(await findVersionValues(context, rows));
}

/** 1 to 200 runs by id side by side; all must be readable, an unknown one is `NOT_FOUND`. */
export async function compareRuns(context: RequestContext, of: string[]): Promise<Comparison> {
  validateCount(of, "runs");
  const asked = of.map((id, i) => ({ id, field: `of[${i}]`, label: "Run", action: "project:read" }) as const);
  const found = await findExecutions(context.ports.graph.read, context.actor, asked);
  const rows = of.flatMap((id) => found.get(id)?.execution ?? []);
  return comparisonOf(rows.map(toRunValues));
}
