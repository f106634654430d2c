import { type ExecutionResult, type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from "graphql";
import { describeError, type ErrorLog } from "../domain/core/errors.ts";

/** What an error was made of: the one that was thrown. */
export function getCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? getCause(error.originalError) : error;
}

/** Formats an error for a GraphQL answer. GraphQL's own errors about documents and variables keep their codes. */
export function formatError(formatted: GraphQLFormattedError, error: unknown, log: ErrorLog): GraphQLFormattedError {
  const cause = getCause(error);
  const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
  // A body that holds no request: Apollo has a code of its own for it.
  if (extensions.code === "BAD_REQUEST") {
    return { message: formatted.message, extensions: { code: "INVALID_INPUT", field: "request" } };
  }
  const executing = formatted.path !== undefined || extensions.code === "INTERNAL_SERVER_ERROR";
  // Without a code they are of a stream or websocket, and about variables: the others are given theirs before.
  if (cause instanceof GraphQLError && !executing)
    return { ...formatted, extensions: { code: "BAD_USER_INPUT", ...extensions } };
  const { locations, path } = formatted;
  return { ...describeError(cause, log), ...(locations && { locations }), ...(path && { path }) };
}

/** A result as it goes to a client. */
export function formatResult({ errors, ...rest }: ExecutionResult, log: ErrorLog): FormattedExecutionResult {
  return {
    ...(errors && { errors: errors.map((error) => formatError(error.toJSON(), error, log)) }),
    ...rest,
  };
}

/** Whatever was thrown, as GraphQL's errors are: `formatError` gives it its code. */
export function toGraphQLError(error: unknown): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError("refused", { originalError: error instanceof Error ? error : new Error(String(error)) });
}
