import type { RequestContext } from "../core/context.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { escapeKey } from "../core/metadata.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { findProducers } from "../query/fields.ts";

/** JSON values by key, nested keys joined by dots. */
export type Values = Map<string, unknown>;

/** What is compared of a version or a run. */
export interface ComparableValues {
  metadata: Values;
  parameters: Values;
  metrics: Values;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

/** Values as they were logged: tagged ones stay so, but for numbers. Lists and empty objects are whole; what isn't an object has no keys. */
function valuesOf(json: unknown): Values {
  const found: Values = new Map();
  const visit = (value: Record<string, unknown>, prefix: string): void => {
    for (const [name, item] of Object.entries(value)) {
      const key = prefix + escapeKey(name);
      if (!isObject(item)) found.set(key, item);
      else if (!("$type" in item)) visit(item, `${key}.`);
      else found.set(key, item.$type === "FLOAT" && typeof item.value === "number" ? item.value : item);
    }
  };
  if (isObject(json)) visit(json, "");
  return found;
}

/** The facts of a run. */
export function toRunValues(row: ExecutionRow): ComparableValues {
  const { metadata, parameters, metrics } = toExecution(row);
  return { metadata: valuesOf(metadata), parameters: valuesOf(parameters), metrics: valuesOf(metrics) };
}

/** The facts of versions, in their order: parameters and metrics are those of the producer that the actor may read, and, before those, of the model block. */
export async function findVersionValues(context: RequestContext, rows: VersionRow[]): Promise<ComparableValues[]> {
  const producers = await findProducers(
    context,
    rows.map(({ id }) => id),
  );
  return rows.map((row, i) => {
    const { metadata, model } = toVersion(row);
    const producer = producers[i];
    const both = (name: "parameters" | "metrics"): Values =>
      new Map([...valuesOf(producer?.[name]), ...valuesOf(model?.[name])]);
    return { metadata: valuesOf(metadata), parameters: both("parameters"), metrics: both("metrics") };
  });
}
