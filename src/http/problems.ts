import type { FastifyReply } from "fastify";
import { type DomainError, describeError, type ErrorCode, type ErrorLog } from "../domain/core/errors.ts";

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

function statusOf(code: string): number {
  return Object.hasOwn(statuses, code) ? statuses[code as ErrorCode] : 500;
}

function withStatus(reply: FastifyReply, code: string): FastifyReply {
  const status = statusOf(code);
  if (status === 503) reply.header("retry-after", "1");
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status);
}

function sendBody(reply: FastifyReply, status: number, message: string, extensions: Record<string, unknown>) {
  return reply
    .type("application/problem+json")
    .send({ type: "about:blank", title: String(extensions.code), status, detail: message, ...extensions });
}

/** Answers with an error as `application/problem+json`, its code and details as members. */
export function sendProblem(reply: FastifyReply, error: unknown, log: ErrorLog): FastifyReply {
  const { message, extensions } = describeError(error, log);
  const code = String(extensions.code);
  return sendBody(withStatus(reply, code), statusOf(code), message, extensions);
}

/** Answers with a refusal for which HTTP has a status of its own. */
export function sendProblemAs(
  reply: FastifyReply,
  status: number,
  { code, message, details }: DomainError,
): FastifyReply {
  return sendBody(reply.code(status), status, message, { code, ...details });
}

/** Answers with an error in the form of a GraphQL answer, for requests that never reached their document. */
export function sendGraphQLProblem(reply: FastifyReply, error: unknown, log: ErrorLog): FastifyReply {
  const problem = describeError(error, log);
  return withStatus(reply, String(problem.extensions.code))
    .type("application/json")
    .send({ errors: [problem] });
}
