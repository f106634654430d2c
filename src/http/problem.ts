import { describeError, type ErrorCode, type ErrorLog } from "../domain/core/errors.ts";

/** An error to be answered over HTTP. */
export interface Problem {
  /** The HTTP status that fits the code. */
  status: number;
  code: string;
  message: string;
  /** What the code carries besides its message. */
  details: Record<string, unknown>;
}

/** An answer that reports an error. */
export interface RenderedError {
  status: number;
  contentType: string;
  body: object;
}

const statuses: Record<ErrorCode | "UNAVAILABLE", number> = {
  INVALID_INPUT: 400,
  TOO_COMPLEX: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  AMBIGUOUS: 409,
  ALREADY_EXISTS: 409,
  CONFLICT: 409,
  ILLEGAL_TRANSITION: 409,
  IMMUTABLE: 409,
  IN_USE: 409,
  GONE: 410,
  EXPIRED: 410,
  TOO_LARGE: 413,
  GATE_FAILED: 422,
  UNAVAILABLE: 503,
};
const statusOfCode = new Map(Object.entries(statuses));

/** Describes any error. An error inside the service is logged and becomes `INTERNAL` with an id. */
export function toProblem(error: unknown, log: ErrorLog): Problem {
  const { message, extensions } = describeError(error, log);
  const { code, ...details } = extensions;
  return { status: statusOfCode.get(code) ?? 500, code, message, details };
}

/** Renders a problem as `application/problem+json` (RFC 9457), with its code and details as members. */
export function renderProblemJson({ status, code, message, details }: Problem): RenderedError {
  return {
    status,
    contentType: "application/problem+json",
    body: { type: "about:blank", title: code, status, detail: message, code, ...details },
  };
}
