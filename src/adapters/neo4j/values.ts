import neo4j from "neo4j-driver";
import type { Value } from "../../ports/statement.ts";

/** Parameters for the driver: whole numbers as integers, which it would otherwise send as floats, and undefined as null. */
export function toDriver(value: Value): unknown {
  if (value === undefined) return null;
  if (typeof value === "number") return Number.isSafeInteger(value) ? neo4j.int(value) : value;
  if (Array.isArray(value)) return value.map(toDriver);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toDriver(item)]));
  }
  return value;
}
