import type { IncomingMessage, Server } from "node:http";
import { GraphQLError, type GraphQLSchema, validate } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import { WebSocketServer } from "ws";
import type { Authenticate } from "../auth/authenticate.ts";
import { type ErrorLog, Refusal } from "../domain/errors.ts";
import type { Actor } from "../domain/permissions.ts";
import type { Context } from "./context.ts";
import { formatError } from "./errors.ts";
import { checkQuery } from "./limits.ts";

/** What the websocket door needs. */
export interface WebsocketOptions {
  server: Server;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  /** Throws when Host or Origin don't belong here. */
  checkHost: (request: { headers: { host?: string | undefined; origin?: string | undefined } }) => void;
  contextOf: (actor: Actor) => Context;
  log: ErrorLog;
}

const most = { subscriptions: 100, messageBytes: 1_048_576 };

type Extra = { actor: Actor; request: IncomingMessage };

const authorizationOf = (params: Record<string, unknown> | undefined): string | undefined => {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
};

/** Serves graphql-transport-ws on `/graphql`; the token comes in `connection_init` as `Authorization`, or as a header. Returns how to end it. */
export const serveWebsocket = ({
  server,
  schema,
  authenticate,
  checkHost,
  contextOf,
  log,
}: WebsocketOptions): (() => Promise<void>) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: most.messageBytes });
  server.on("upgrade", (request, socket, head) => {
    // Node takes its own listener away here: a client that goes away would end the process.
    socket.on("error", () => socket.destroy());
    try {
      if (new URL(request.url ?? "/", "http://x").pathname !== "/graphql") throw new Error("not here");
      checkHost(request);
    } catch {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      sockets.emit("connection", client, request);
      // What a peer does wrong ends its connection; graphql-ws would print it besides.
      client.removeAllListeners("error").on("error", () => client.close());
    });
  });

  const format = (error: GraphQLError) => formatError(error.toJSON(), error, log);
  const formatted = (errors: readonly GraphQLError[]) => errors.map(format) as unknown as GraphQLError[];

  const done = useServer<Record<string, unknown>, Partial<Extra>>(
    {
      onConnect: ({ connectionParams, extra }) => {
        try {
          extra.actor = authenticate(authorizationOf(connectionParams) ?? extra.request?.headers.authorization);
          return true;
        } catch {
          return false;
        }
      },
      onSubscribe: ({ extra, subscriptions }, _id, { query, operationName, variables }) => {
        try {
          checkOpen(Object.keys(subscriptions).length);
          const document = checkQuery(query, { schema, variables });
          const errors = validate(schema, document);
          if (errors.length) return errors;
          const contextValue = contextOf(actorOf(extra));
          return { schema, document, operationName, variableValues: variables, contextValue };
        } catch (error) {
          return [asGraphQL(error)];
        }
      },
      onError: (_ctx, _id, _payload, errors) => formatted(errors),
      onNext: (_ctx, _id, _payload, _args, result) => result.errors && { ...result, errors: formatted(result.errors) },
    },
    sockets,
  );
  return async () => {
    for (const client of sockets.clients) client.close(closing, "the service is closing: resume from the last cursor");
    await done.dispose();
  };
};

/** 1001: the endpoint goes away. */
const closing = 1001;

const checkOpen = (open: number): void => {
  if (open <= most.subscriptions) return;
  const message = `at most ${most.subscriptions} operations at once on one connection`;
  throw new Refusal("TOO_COMPLEX", message, { limit: most.subscriptions, actual: open });
};

const actorOf = ({ actor }: Partial<Extra>): Actor => {
  if (!actor) throw new Refusal("UNAUTHENTICATED", "connection_init comes first", {});
  return actor;
};

const asGraphQL = (error: unknown): GraphQLError =>
  error instanceof GraphQLError
    ? error
    : new GraphQLError("refused", { originalError: error instanceof Error ? error : new Error(String(error)) });
