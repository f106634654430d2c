import { type ExecutionResult, type FormattedExecutionResult, GraphQLError, type GraphQLFormattedError } from "graphql";
import { describeError, type ErrorLog } from "../domain/core/errors.ts";

/** The error that was thrown, without the GraphQL errors around it. */
export function getCause(error: unknown): unknown {
  return error instanceof GraphQLError && error.originalError ? getCause(error.originalError) : error;
}

/** Formats an error for a GraphQL response. Errors of graphql-js about documents and variables keep their codes. */
export function formatError(formatted: GraphQLFormattedError, error: unknown, log: ErrorLog): GraphQLFormattedError {
  const cause = getCause(error);
  const { stacktrace: _, ...extensions } = formatted.extensions ?? {};
  // Apollo's code for a body that is not a GraphQL request.
  if (extensions.code === "BAD_REQUEST") {
    return { message: formatted.message, extensions: { code: "INVALID_INPUT", field: "request" } };
  }
  const isFromExecution = formatted.path !== undefined || extensions.code === "INTERNAL_SERVER_ERROR";
  // Those without a code are about variables, from a stream or websocket; all others have been given theirs.
  if (cause instanceof GraphQLError && !isFromExecution)
    return { ...formatted, extensions: { code: "BAD_USER_INPUT", ...extensions } };
  const { locations, path } = formatted;
  return { ...describeError(cause, log), ...(locations && { locations }), ...(path && { path }) };
}

/** Formats a result for a client. */
export function formatResult({ errors, ...rest }: ExecutionResult, log: ErrorLog): FormattedExecutionResult {
  return {
    ...(errors && { errors: errors.map((error) => formatError(error.toJSON(), error, log)) }),
    ...rest,
  };
}

/** Wraps anything that was thrown in a `GraphQLError`; `formatError` adds its code. */
export function toGraphQLError(error: unknown): GraphQLError {
  return error instanceof GraphQLError
    ? error
    : new GraphQLError("failed", { originalError: error instanceof Error ? error : new Error(String(error)) });
}
