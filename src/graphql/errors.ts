import { randomUUID } from "node:crypto";
import { GraphQLError, type GraphQLFormattedError } from "graphql";
import { Refusal } from "../domain/errors.ts";
import { Unavailable } from "../ports/unavailable.ts";

/** Hears of what went wrong inside, with the id that the caller was given. */
export type ErrorLog = (error: unknown, id: string) => void;

const causeOf = (error: unknown): unknown =>
  error instanceof GraphQLError && error.originalError ? causeOf(error.originalError) : error;

/** The code, message and details of any error: a refusal's own, `UNAVAILABLE`, or `INTERNAL` with an id to quote and nothing else. */
export const describeError = (
  error: unknown,
  log: ErrorLog,
): { message: string; extensions: Record<string, unknown> } => {
  if (error instanceof Refusal) return { message: error.message, extensions: { code: error.code, ...error.details } };
  if (error instanceof Unavailable) {
    const message = `${error.message} right now; retrying is safe`;
    return { message, extensions: { code: "UNAVAILABLE", retryAfter: 1 } };
  }
  const id = randomUUID();
  log(error, id);
  return { message: `something went wrong inside; quote ${id}`, extensions: { code: "INTERNAL", id } };
};

/** Formats an error for a GraphQL answer. GraphQL's own errors about documents and variables keep their codes. */
export const formatError = (formatted: GraphQLFormattedError, error: unknown, log: ErrorLog): GraphQLFormattedError => {
  const cause = causeOf(error);
  const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
  const executing = formatted.path !== undefined || extensions.code === "INTERNAL_SERVER_ERROR";
  if (cause instanceof GraphQLError && !executing) return { ...formatted, extensions };
  const { locations, path } = formatted;
  return { ...describeError(cause, log), ...(locations && { locations }), ...(path && { path }) };
};
