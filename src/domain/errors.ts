/** What each code carries besides its message; the public contract of every door. */
export interface ErrorDetails {
  INVALID_INPUT: { field: string };
  UNAUTHENTICATED: Record<never, never>;
  FORBIDDEN: { permission: string };
  NOT_FOUND: Record<never, never>;
  AMBIGUOUS: { candidates: string[] };
  ALREADY_EXISTS: { holder: string };
  CONFLICT: { expected: string | null; actual: string | null };
  ILLEGAL_TRANSITION: { from: string; to: string };
  IMMUTABLE: Record<never, never>;
  IN_USE: { by: string[] };
  TOO_LARGE: { limit: number };
  GONE: Record<never, never>;
  EXPIRED: Record<never, never>;
  TOO_COMPLEX: { limit: number; actual: number };
}

/** One of the closed set of codes. (`UNAVAILABLE` is the ports' `Unavailable`; `INTERNAL` is whatever else is thrown.) */
export type ErrorCode = keyof ErrorDetails;

/** A refusal: its code, a message precise enough to act on, and the details that its code carries. */
export class Refusal<C extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: C,
    message: string,
    readonly details: ErrorDetails[C],
  ) {
    super(message);
  }
}

/** The input's `field` (a dotted path) is wrong; `message` says how and what would be right. */
export const invalid = (field: string, message: string): Refusal<"INVALID_INPUT"> =>
  new Refusal("INVALID_INPUT", `${field}: ${message}`, { field });

/** Nothing is there by what was looked for. */
export const notFound = (what: string): Refusal<"NOT_FOUND"> => new Refusal("NOT_FOUND", `${what} was not found`, {});
