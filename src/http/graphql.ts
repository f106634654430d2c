import { fastifyApolloHandler } from "@as-integrations/fastify";
import type { FastifyRequest, RouteHandlerMethod } from "fastify";
import type { GraphQLSchema } from "graphql";
import type { Context, ContextInput } from "../graphql/context.ts";
import { type RawRequest, validateRequest } from "../graphql/limits.ts";
import { createApollo } from "../graphql/server.ts";
import { isRecord } from "../lib/is-record.ts";
import { tagLongIntegers } from "../lib/whole-numbers.ts";
import { acceptsEventStream, createEventStreams, type EventStreams } from "../live/sse.ts";
import { createSubscribe } from "../live/subscribe.ts";
import { serveWebsocket, type WebsocketOptions } from "../live/websocket.ts";
import type { Door } from "./door.ts";
import { limitJsonBodies } from "./json-body.ts";
import type { Problem, RenderedError } from "./problem.ts";

/** What the GraphQL door needs. */
export interface GraphQLDoorOptions
  extends Pick<WebsocketOptions, "authenticate" | "checkHost" | "timeouts" | "requestTimeoutMs" | "log"> {
  schema: GraphQLSchema;
  contextOf: (input: ContextInput) => Context;
}

function getRawRequest({ body, query }: FastifyRequest): RawRequest {
  const given = body ?? query;
  return isRecord(given) ? given : {};
}

/** Tags long whole numbers in the variables of a GET: they are JSON in the URL, which streams and Apollo parse on their own. */
function tagVariables({ query, url, raw }: FastifyRequest): void {
  if (!isRecord(query) || typeof query.variables !== "string") return;
  const variables = tagLongIntegers(query.variables);
  if (variables === query.variables) return;
  query.variables = variables;
  const { pathname, searchParams } = new URL(url, "http://x");
  searchParams.set("variables", variables);
  raw.url = `${pathname}?${searchParams}`;
}

/** Answers with a stream of events if the client accepts one, else with Apollo. */
function createHandler(handleByApollo: RouteHandlerMethod, streams: EventStreams): RouteHandlerMethod {
  return function (request, reply) {
    tagVariables(request);
    if (acceptsEventStream(request)) return streams.handle(request, reply);
    validateRequest(getRawRequest(request));
    return handleByApollo.call(this, request, reply);
  };
}

/** Renders an error that was found before the document was executed in the form of a GraphQL answer. */
function renderGraphQLError({ status, code, message, details }: Problem): RenderedError {
  return {
    status,
    contentType: "application/json",
    body: { errors: [{ message, extensions: { code, ...details } }] },
  };
}

/** `/graphql`: queries and mutations over HTTP, subscriptions over websockets and Server-Sent Events. */
export async function createGraphQLDoor(options: GraphQLDoorOptions): Promise<Door> {
  const { schema, contextOf, requestTimeoutMs, log } = options;
  const apollo = createApollo(schema, log);
  await apollo.start();
  const live = { ...options, subscribe: createSubscribe(options) };
  const streams = createEventStreams(live);
  const handleByApollo = fastifyApolloHandler(apollo, {
    context: async (request) => contextOf(request.context),
  });
  let closeWebsockets = async (): Promise<void> => undefined;
  return {
    prefix: "/graphql",
    timeoutMs: requestTimeoutMs,
    routes: async (app) => {
      limitJsonBodies(app);
      closeWebsockets = serveWebsocket({ ...live, server: app.server });
      app.addHook("onClose", () => apollo.stop());
      app.route({ method: ["GET", "POST"], url: "", handler: createHandler(handleByApollo, streams) });
    },
    renderError: renderGraphQLError,
    close: async () => {
      streams.close();
      await closeWebsockets();
    },
  };
}
