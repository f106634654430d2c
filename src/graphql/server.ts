import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { ErrorLog } from "../domain/core/errors.ts";
import type { Context } from "./context.ts";
import { formatError } from "./errors.ts";
import { documentLimitPlugin } from "./limits.ts";

/** Codes of errors in requests that are well-formed JSON. */
const documentErrorCodes = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "OPERATION_RESOLUTION_FAILURE",
]);

/** Answers with status 200 for errors in a document or its variables when the client accepts `application/json`, as GraphQL over HTTP says. */
function statusPlugin(): ApolloServerPlugin {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response }) {
          const accepted = request.http?.headers.get("accept") ?? "";
          const [error] = response.body.kind === "single" ? (response.body.singleResult.errors ?? []) : [];
          if (accepted.includes("application/graphql-response+json") || !error) return;
          const code = String(error.extensions?.code);
          if (documentErrorCodes.has(code)) response.http.status = 200;
        },
      };
    },
  };
}

/** Creates an Apollo server over a schema; it is not started yet. */
export function createApollo(schema: GraphQLSchema, log: ErrorLog): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    introspection: true,
    // Host and Origin are checked on every route; Apollo's own check would reject a plain GET.
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    // The service handles signals itself: it finishes requests in progress first.
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => formatError(formatted, error, log),
    plugins: [ApolloServerPluginCacheControlDisabled(), statusPlugin(), documentLimitPlugin()],
  });
}
