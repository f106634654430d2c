import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import { invalid, notFound } from "./errors.ts";

interface Clock {
  now: () => number;
}

/** The time as of which a query is answered, in milliseconds since 1970; null for now. Changes made at that very time are included. */
export type AsOf = number | null;

/** The parameter `$asOf` of a statement. */
export const asOfParam = v.nullable(v.number());

/** A row that carries the time as of which it was read, so that its further fields are answered as of the same time. */
export function withAsOf<R>(row: R, asOf: AsOf): R {
  return asOf === null ? row : { ...row, asOf };
}

/** Milliseconds that the logical clock of an artifact or run may be ahead: it advances with every change, and many changes may fall into one millisecond. */
const maxClockSkewMs = 5_000;

/** Validates a requested time; one in the future is `INVALID_INPUT`. Times that the service returned are always accepted, although its clocks may be slightly ahead. */
export function validateAsOf({ now }: Clock, asOf: number | null | undefined): AsOf {
  if (!isGiven(asOf)) return null;
  const present = now();
  if (asOf <= present + maxClockSkewMs) return asOf;
  const [requested, current] = [asOf, present].map((time) => new Date(time).toISOString());
  throw invalid("asOf", `${requested} is in the future; the current time is ${current}`);
}

/**
 * The time as of which a field of a version is answered: the requested one, or else the one as of which the version was read. `NOT_FOUND` if the
 * version did not exist yet.
 */
export function resolveAsOf(
  clock: Clock,
  version: { id: string; createdAt: number; asOf?: AsOf },
  requested: number | null | undefined,
): AsOf {
  const asOf = validateAsOf(clock, requested) ?? version.asOf ?? null;
  if (asOf !== null && version.createdAt > asOf) throw notFound(`version ${version.id} ${describeAbsence(asOf)}`);
  return asOf;
}

/** The end of a `NOT_FOUND` message: "does not exist", or "did not exist" at the given time. */
export function describeAbsence(asOf: AsOf): string {
  return asOf === null ? "does not exist" : `did not exist as of ${new Date(asOf).toISOString()}`;
}
