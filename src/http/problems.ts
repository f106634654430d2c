import type { FastifyReply } from "fastify";
import { describeError, type ErrorLog } from "../domain/errors.ts";

const statuses: Record<string, number> = {
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

/** Answers with an error as `application/problem+json`, its code and details as members. */
export const sendProblem = (reply: FastifyReply, error: unknown, log: ErrorLog): FastifyReply => {
  const { message, extensions } = describeError(error, log);
  const status = statuses[String(extensions.code)] ?? 500;
  if (status === 503) reply.header("retry-after", "1");
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply
    .code(status)
    .type("application/problem+json")
    .send({ type: "about:blank", title: String(extensions.code), status, detail: message, ...extensions });
};
