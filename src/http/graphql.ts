import type { ApolloServer } from "@apollo/server";
import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyRequest, RouteHandlerMethod } from "fastify";
import "./request.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { Context } from "../graphql/context.ts";
import { validateSourceLength } from "../graphql/limits.ts";
import { type EventStreams, wantsEventStream } from "../live/sse.ts";

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
