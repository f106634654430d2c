import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import type { GraphQLSchema } from "graphql";
import type { ErrorLog } from "../domain/core/errors.ts";
import type { Context } from "./context.ts";
import { formatError } from "./errors.ts";
import { documentLimitPlugin } from "./limits.ts";

const wellFormed = new Set([
  "GRAPHQL_PARSE_FAILED",
  "GRAPHQL_VALIDATION_FAILED",
  "BAD_USER_INPUT",
  "OPERATION_RESOLUTION_FAILURE",
]);

/** GraphQL over HTTP: under `application/json` a request that was understood is answered with 200, whatever its document holds. */
function statusPlugin(): ApolloServerPlugin {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ request, response }) {
          const accepted = request.http?.headers.get("accept") ?? "";
          const [error] = response.body.kind === "single" ? (response.body.singleResult.errors ?? []) : [];
          if (accepted.includes("application/graphql-response+json") || !error) return;
          const code = String(error.extensions?.code);
          if (wellFormed.has(code)) response.http.status = 200;
        },
      };
    },
  };
}

/** The Apollo server over a schema, not started yet. */
export function createApollo(schema: GraphQLSchema, log: ErrorLog): ApolloServer<Context> {
  return new ApolloServer<Context>({
    schema,
    introspection: true,
    // Host and Origin are checked on every route; Apollo's own check would refuse plain GET.
    csrfPrevention: false,
    includeStacktraceInErrorResponses: false,
    // Signals are for the composition root: it ends what is in flight first.
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => formatError(formatted, error, log),
    plugins: [ApolloServerPluginCacheControlDisabled(), statusPlugin(), documentLimitPlugin()],
  });
}
