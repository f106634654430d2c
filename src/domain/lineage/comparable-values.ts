import type { RequestContext } from "../core/context.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { escapeKey } from "../core/metadata.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { findProducers } from "../query/fields.ts";

/** JSON values by key; nested keys are joined by dots. */
export type Values = Map<string, unknown>;

/** The values by which versions or runs are compared. */
export interface ComparableValues {
  metadata: Values;
  parameters: Values;
  metrics: Values;
}

function isNonEmptyObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
}

/** Flattens nested objects. Lists, empty objects and tagged values (except tagged numbers) stay whole; anything but an object has no keys. */
function toValues(json: unknown): Values {
  const values: Values = new Map();
  const visit = (object: Record<string, unknown>, prefix: string): void => {
    for (const [name, item] of Object.entries(object)) {
      const key = prefix + escapeKey(name);
      if (!isNonEmptyObject(item)) values.set(key, item);
      else if (!("$type" in item)) visit(item, `${key}.`);
      else values.set(key, item.$type === "FLOAT" && typeof item.value === "number" ? item.value : item);
    }
  };
  if (isNonEmptyObject(json)) visit(json, "");
  return values;
}

/** The comparable values of a run. */
export function toRunValues(row: ExecutionRow): ComparableValues {
  const { metadata, parameters, metrics } = toExecution(row);
  return { metadata: toValues(metadata), parameters: toValues(parameters), metrics: toValues(metrics) };
}

/** The comparable values of versions, in the order of the rows. A parameter or metric of the model block overrides that of the producer. */
export async function findVersionValues(context: RequestContext, rows: VersionRow[]): Promise<ComparableValues[]> {
  const producers = await findProducers(
    context,
    rows.map(({ id }) => id),
  );
  return rows.map((row, i) => {
    const { metadata, model } = toVersion(row);
    const producer = producers[i];
    const merge = (name: "parameters" | "metrics"): Values =>
      new Map([...toValues(producer?.[name]), ...toValues(model?.[name])]);
    return { metadata: toValues(metadata), parameters: merge("parameters"), metrics: merge("metrics") };
  });
}
