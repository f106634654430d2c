import { randomUUID } from "node:crypto";
import { Unavailable } from "../../ports/unavailable.ts";

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
  GATE_FAILED: { gates: { name: string; passed: boolean; expected: unknown; found: unknown }[] };
  TOO_COMPLEX: { limit: number; actual: number };
}

/** One of the closed set of codes. (`UNAVAILABLE` is the ports' `Unavailable`; `INTERNAL` is whatever else is thrown.) */
export type ErrorCode = keyof ErrorDetails;

/** A refusal: its code, a message precise enough to act on, and the details that its code carries. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: C,
    message: string,
    readonly details: ErrorDetails[C],
  ) {
    super(message);
  }
}

/** The input's `field` (a dotted path) is wrong; `message` says how and what would be right. */
export function invalid(field: string, message: string): DomainError<"INVALID_INPUT"> {
  return new DomainError("INVALID_INPUT", `${field}: ${message}`, { field });
}

/** Nothing is there by what was looked for. */
export function notFound(what: string): DomainError<"NOT_FOUND"> {
  return new DomainError("NOT_FOUND", `${what} was not found`, {});
}

/** Whether a store could not be reached: what failed may be tried again. */
export function isUnavailable(error: unknown): error is Unavailable {
  return error instanceof Unavailable;
}

/** Hears of what went wrong inside, with the id that the caller was given. */
export type ErrorLog = (error: unknown, id: string) => void;

/** The message of any error with its code and details: those of a `DomainError`, `UNAVAILABLE`, or `INTERNAL` with the id under which it is logged. */
export function describeError(
  error: unknown,
  log: ErrorLog,
): { message: string; extensions: { code: string; [detail: string]: unknown } } {
  if (error instanceof DomainError)
    return { message: error.message, extensions: { code: error.code, ...error.details } };
  if (isUnavailable(error)) {
    const message = `${error.message} right now; retrying is safe`;
    return { message, extensions: { code: "UNAVAILABLE", retryAfter: 1 } };
  }
  const id = randomUUID();
  log(error, id);
  return { message: `internal error; include this id when you report it: ${id}`, extensions: { code: "INTERNAL", id } };
}
