import { randomUUID } from "node:crypto";
import { Unavailable } from "../../ports/unavailable.ts";

/** The details that each code carries beside its message: the public contract of every door. */
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

/** One of the closed set of codes. (`UNAVAILABLE` is the ports' `Unavailable`, or `Overloaded`; `INTERNAL` is every other thrown error.) */
export type ErrorCode = keyof ErrorDetails;

/** An error for the caller: a code, a message precise enough to act on, and the details that belong to the code. */
export class DomainError<C extends ErrorCode = ErrorCode> extends Error {
  constructor(
    readonly code: C,
    message: string,
    readonly details: ErrorDetails[C],
  ) {
    super(message);
  }
}

/** The input's `field` (a dotted path) is invalid; `message` says what is wrong and what is allowed. */
export function invalid(field: string, message: string): DomainError<"INVALID_INPUT"> {
  return new DomainError("INVALID_INPUT", `${field}: ${message}`, { field });
}

/** What the caller named does not exist; `message` is a whole sentence, such as `version p/m:9 does not exist`. */
export function notFound(message: string): DomainError<"NOT_FOUND"> {
  return new DomainError("NOT_FOUND", message, {});
}

/** The service has too much to do at the moment; `UNAVAILABLE` for the caller, who may ask again. */
export class Overloaded extends Error {}

/** Whether a store could not be reached, so that the same call may succeed later. */
export function isUnavailable(error: unknown): error is Unavailable {
  return error instanceof Unavailable;
}

/** Records an internal error under the id that the caller received. */
export type ErrorLog = (error: unknown, id: string) => void;

/** The message, code and details that a caller receives for any error. An internal error reveals nothing but the id it is logged under. */
export function describeError(
  error: unknown,
  log: ErrorLog,
): { message: string; extensions: { code: string; [detail: string]: unknown } } {
  if (error instanceof DomainError)
    return { message: error.message, extensions: { code: error.code, ...error.details } };
  if (isUnavailable(error) || error instanceof Overloaded) {
    const message = `${error.message}; it is safe to retry`;
    return { message, extensions: { code: "UNAVAILABLE", retryAfter: 1 } };
  }
  const id = randomUUID();
  log(error, id);
  return { message: `internal error; include this id when you report it: ${id}`, extensions: { code: "INTERNAL", id } };
}
