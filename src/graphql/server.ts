import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import { ApolloServerPluginCacheControlDisabled } from "@apollo/server/plugin/disabled";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyRequest, RouteHandlerMethod } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { ErrorLog } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { type EventStreams, wantsEventStream } from "../live/sse.ts";
import type { Context } from "./context.ts";
import { formatError } from "./errors.ts";
import { documentLimitPlugin, validateSourceLength } from "./limits.ts";

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

function sourceOf({ body, query }: FastifyRequest): unknown {
  return ((body ?? query) as { query?: unknown } | null | undefined)?.query;
}

/** Answers GraphQL over HTTP, each request in the context of its actor; as a stream of events whoever asks for that. */
export function graphqlHandler(
  apollo: ApolloServer<Context>,
  contextOf: (actor: Actor) => Context,
  streams: EventStreams,
): RouteHandlerMethod {
  const handle = fastifyApolloHandler(apollo, { context: async (request) => contextOf(request.context.actor) });
  return function (request, reply) {
    if (wantsEventStream(request)) return streams.handle(request, reply);
    const source = sourceOf(request);
    if (typeof source === "string") validateSourceLength(source);
    return handle.call(this, request, reply);
  };
}
