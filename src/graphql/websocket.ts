import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { GraphQLError, type GraphQLSchema, validate } from "graphql";
import { CloseCode, handleProtocols, makeServer, type Server as ProtocolServer } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticate } from "../auth/authenticate.ts";
import { type ErrorLog, Refusal } from "../domain/errors.ts";
import { mapped } from "../domain/mapped.ts";
import type { Actor } from "../domain/permissions.ts";
import type { Context } from "./context.ts";
import { asGraphQL, formatError } from "./errors.ts";
import { checkQuery } from "./limits.ts";
import { createSender, type Patience } from "./sending.ts";
import type { Subscribe } from "./subscribe.ts";

/** What the websocket door needs. */
export interface WebsocketOptions {
  server: Server;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  /** Throws when Host or Origin don't belong here. */
  checkHost: (request: { headers: { host?: string | undefined; origin?: string | undefined } }) => void;
  contextOf: (actor: Actor) => Context;
  subscribe: Subscribe;
  patience: Patience;
  log: ErrorLog;
}

const most = { subscriptions: 100, messageBytes: 1_048_576 };

type Extra = { actor: Actor; request: IncomingMessage };

const authorizationOf = (params: Record<string, unknown> | undefined): string | undefined => {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
};

type Payload = { query: string; operationName?: string | null; variables?: Record<string, unknown> | null };

/** The protocol itself: who is there, what may be asked, how it is answered. */
const createProtocol = ({ schema, authenticate, contextOf, subscribe, log }: WebsocketOptions) => {
  const format = (error: GraphQLError) => formatError(error.toJSON(), error, log);
  const formatted = (errors: readonly GraphQLError[]) => errors.map(format) as unknown as GraphQLError[];
  const prepare = (extra: Partial<Extra>, open: number, { query, operationName, variables }: Payload) => {
    checkOpen(open);
    const document = checkQuery(query, { schema, variables });
    const errors = validate(schema, document);
    if (errors.length) return errors;
    return { schema, document, operationName, variableValues: variables, contextValue: contextOf(actorOf(extra)) };
  };
  return makeServer<Record<string, unknown>, Partial<Extra>>({
    onConnect: ({ connectionParams, extra }) => {
      try {
        extra.actor = authenticate(authorizationOf(connectionParams) ?? extra.request?.headers.authorization);
        return true;
      } catch {
        return false;
      }
    },
    onSubscribe: ({ extra, subscriptions }, _id, payload) => {
      try {
        return prepare(extra, Object.keys(subscriptions).length, payload);
      } catch (error) {
        return [asGraphQL(error)];
      }
    },
    subscribe: async (args) => {
      const told = await subscribe(args);
      return Symbol.asyncIterator in told ? mapped(told, ({ result }) => result) : told;
    },
    onError: (_ctx, _id, _payload, errors) => formatted(errors),
    onNext: (_ctx, _id, _payload, _args, result) => result.errors && { ...result, errors: formatted(result.errors) },
  });
};

/** Gives a connection to the protocol, and what comes of it to the connection. */
const speak = (
  protocol: ProtocolServer<Partial<Extra>>,
  client: WebSocket,
  stream: Duplex,
  request: IncomingMessage,
  patience: Patience,
): void => {
  const sender = createSender(client, stream, patience);
  const closed = protocol.opened(
    {
      protocol: client.protocol,
      send: sender.send,
      close: (code, reason) => client.close(code, reason),
      onMessage: (take) => {
        client.on("message", (data) => {
          take(String(data)).catch(() => client.close(CloseCode.InternalServerError, "something went wrong inside"));
        });
      },
    },
    { request },
  );
  client.on("error", () => client.close());
  client.on("close", (code, reason) => {
    sender.end();
    closed(code, String(reason)).catch(() => undefined);
  });
};

/** Serves graphql-transport-ws on `/graphql`; the token comes in `connection_init` as `Authorization`, or as a header. Returns how to end it. */
export const serveWebsocket = (options: WebsocketOptions): (() => Promise<void>) => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: most.messageBytes, handleProtocols });
  const protocol = createProtocol(options);
  options.server.on("upgrade", (request, stream, head) => {
    // Node takes its own listener away here: a client that goes away would end the process.
    stream.on("error", () => stream.destroy());
    try {
      if (new URL(request.url ?? "/", "http://x").pathname !== "/graphql") throw new Error("not here");
      options.checkHost(request);
    } catch {
      stream.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, stream, head, (client) =>
      speak(protocol, client, stream, request, options.patience),
    );
  });
  return () => closeAll(sockets);
};

/** Closes all connections; those whose peers don't answer in time are cut. */
const closeAll = async (sockets: WebSocketServer): Promise<void> => {
  const clients = [...sockets.clients];
  const gone = Promise.all(
    clients.map((client) => new Promise<void>((resolve) => void client.once("close", () => resolve()))),
  );
  for (const client of clients) {
    client.resume();
    client.close(closing, "the service is closing: resume from the last cursor");
  }
  const timer = setTimeout(() => {
    for (const client of clients) client.terminate();
  }, farewell);
  await gone;
  clearTimeout(timer);
  sockets.close();
};

/** Milliseconds that a peer has to answer that it is closing too. */
const farewell = 2_000;

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
