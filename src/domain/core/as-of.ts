import { isGiven } from "../../lib/is-given.ts";
import { invalid, notFound } from "./errors.ts";

interface Clock {
  now: () => number;
}

/** The time that things are looked at from; null for now. What happened at it is included. */
export type AsOf = number | null;

/** A row that remembers the time it is looked at from, so that what is asked of it further is answered as of then; now needs no remembering. */
export function withAsOf<R>(row: R, asOf: AsOf): R {
  return asOf === null ? row : { ...row, asOf };
}

/** Milliseconds that the clock of a thing may be ahead: it takes one for each thing that happens to it, and much may happen in one. */
const maxClockSkewMs = 5_000;

/** The time asked for; one in the future is `INVALID_INPUT`. A time that the service itself gave is always accepted, even where a clock in it runs a little ahead. */
export function validateAsOf({ now }: Clock, asOf: number | null | undefined): AsOf {
  if (!isGiven(asOf)) return null;
  const present = now();
  if (asOf <= present + maxClockSkewMs) return asOf;
  const text = `${new Date(asOf).toISOString()} is in the future: it is ${new Date(present).toISOString()}`;
  throw invalid("asOf", text);
}

/**
 * The time that is asked for of a version that is at hand, or else the one that it is looked at from; `NOT_FOUND` where there was no such
 * version yet.
 */
export function resolveAsOf(
  deps: Clock,
  version: { id: string; createdAt: number; asOf?: AsOf },
  asked: number | null | undefined,
): AsOf {
  const asOf = validateAsOf(deps, asked) ?? version.asOf ?? null;
  if (asOf !== null && version.createdAt > asOf) throw notFound(`version ${version.id} ${describeAbsence(asOf)}`);
  return asOf;
}

/** The end of a `NOT_FOUND` message: "does not exist", or "did not exist" at the given time. */
export function describeAbsence(asOf: AsOf): string {
  return asOf === null ? "does not exist" : `did not exist as of ${new Date(asOf).toISOString()}`;
}
