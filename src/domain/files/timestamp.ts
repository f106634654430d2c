import { isGiven } from "../../lib/is-given.ts";
/** A time in milliseconds since 1970 as RFC 3339 text; null for none. */
export function toTimestamp(at: number | null | undefined): string | null {
  return isGiven(at) ? new Date(at).toISOString() : null;
}
