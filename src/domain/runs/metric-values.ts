import { isWholeNumber } from "../../lib/whole-numbers.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import type { Point } from "./metric-points.ts";

/** The numbers that JSON cannot hold, by name. */
export const specialNumbers = ["NaN", "Infinity", "-Infinity"];

/** The id under which the points of one metric of an execution are stored. */
export function seriesId(executionId: string, key: string): string {
  return `${executionId}/${key}`;
}

/** A stored value as clients see it: a special number, stored by its name, is a tagged FLOAT; a long whole number, stored by its digits, a tagged INTEGER. */
export function toMetricValue(value: number | string): unknown {
  if (typeof value === "number") return value;
  return { $type: specialNumbers.includes(value) ? "FLOAT" : "INTEGER", value };
}

/** A client's value as it is stored: a finite number, the name of a special number, or the digits of a long whole number. Null for anything else. */
export function toStoredValue(value: unknown): number | string | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (!value || typeof value !== "object" || !("$type" in value) || !("value" in value)) return null;
  const { $type: type, value: inner, ...rest } = value;
  if (Object.keys(rest).length) return null;
  if (type === "INTEGER") return typeof inner === "string" && isWholeNumber(inner) ? inner : null;
  if (type !== "FLOAT") return null;
  if (typeof inner === "string") return specialNumbers.includes(inner) ? inner : null;
  return toStoredValue(inner);
}

/** The value that a metric was published with, as the first point of its history; null when it is not a number. */
export function toPublishedPoint(
  { startedAt, createdAt }: Pick<ExecutionRow, "startedAt" | "createdAt">,
  value: unknown,
): Point | null {
  const stored = toStoredValue(value);
  return stored === null ? null : [Math.min(startedAt ?? createdAt, createdAt), 0, 0, stored];
}
