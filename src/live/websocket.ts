import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type ExecutionArgs, type GraphQLSchema, getOperationAST } from "graphql";
import {
  CloseCode,
  handleProtocols,
  MessageType,
  makeServer,
  type PingMessage,
  type Server as ProtocolServer,
  stringifyMessage,
} from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticate } from "../auth/authenticate.ts";
import { DomainError, describeError, type ErrorLog } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { createRequestEnd, type RequestEnd } from "../domain/core/request-end.ts";
import type { RenderedEvents } from "../domain/events/event-batch.ts";
import type { Context, ContextInput } from "../graphql/context.ts";
import { formatError, formatResult, toGraphQLError } from "../graphql/errors.ts";
import { findValidationErrors, isNestedTooDeep, parseAndLimit } from "../graphql/limits.ts";
import { closableIterator } from "../lib/closable-iterator.ts";
import { createSlots } from "../lib/slots.ts";
import { tagLongIntegers } from "../lib/whole-numbers.ts";
import { closeAll } from "./close-websockets.ts";
import type { ConnectionTimeouts } from "./connection-watch.ts";
import type { Subscribe } from "./subscribe.ts";
import { validateId, validateOperationCount, websocketLimits } from "./websocket-limits.ts";
import { createSender, type Sender } from "./websocket-sender.ts";

/** What the websocket server needs. */
export interface WebsocketOptions {
  server: Server;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  /** Throws when the headers Host or Origin are not allowed. */
  checkHost: (request: Pick<IncomingMessage, "headers">) => void;
  contextOf: (input: ContextInput) => Context;
  subscribe: Subscribe;
  timeouts: ConnectionTimeouts;
  /** Milliseconds that a query or mutation may take. */
  requestTimeoutMs: number;
  log: ErrorLog;
}

/** What is known of a connection; `actor` once `connection_init` was accepted. `ends` are those of its operations, by their payloads. */
type Connection = {
  actor?: Actor;
  request: IncomingMessage;
  sender: Sender;
  ends: Map<object, RequestEnd>;
  release: () => void;
};

function getAddress({ socket }: IncomingMessage): string {
  return socket.remoteAddress ?? "";
}

function getAuthorization(params: Record<string, unknown> | undefined): string | undefined {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}

type Payload = { query: string; operationName?: string | null; variables?: Record<string, unknown> | null };

/** Where the events of an operation are sent; `id` is the operation's as JSON. */
type Destination = { sender: Sender; id: Buffer };

/**
 * Sends events directly to the connection: the protocol library would serialize each of them again. It gets a stream without items that ends when the
 * subscription does.
 */
function sendAll(events: AsyncGenerator<RenderedEvents, void>, { sender, id }: Destination) {
  let isOpen = true;
  const next = async (): Promise<null> => {
    // Once the operation has ended, another one may use its id.
    for await (const some of events) await sender.sendEvents(some, id, () => isOpen);
    return null;
  };
  return closableIterator<never>(next, () => {
    isOpen = false;
    void events.return();
  });
}

function endOperation({ ends }: Connection, payload: object): void {
  ends.get(payload)?.end();
  ends.delete(payload);
}

/** The protocol graphql-transport-ws: authenticates connections, and prepares and executes their operations. */
function createProtocol(options: WebsocketOptions) {
  const { schema, authenticate, contextOf, subscribe, log } = options;
  const destinations = new WeakMap<ExecutionArgs, Destination>();
  const prepare = (connection: Connection, payload: Payload) => {
    const { query, operationName, variables } = payload;
    const document = parseAndLimit(query, { schema, variables });
    const errors = findValidationErrors(schema, document);
    if (errors.length) return errors;
    const isSubscription = getOperationAST(document, operationName)?.operation === "subscription";
    const actor = getActor(connection);
    const end = createRequestEnd(isSubscription ? null : options.requestTimeoutMs);
    const contextValue = contextOf({ actor, signal: end.signal });
    connection.ends.set(payload, end);
    return { schema, document, operationName, variableValues: variables, contextValue };
  };
  return makeServer<Record<string, unknown>, Connection>({
    onConnect: async ({ connectionParams, extra }) => {
      try {
        const authorization = getAuthorization(connectionParams) ?? extra.request.headers.authorization;
        extra.actor = await authenticate(authorization, getAddress(extra.request));
        extra.release();
        return true;
      } catch {
        return false;
      }
    },
    onSubscribe: ({ extra, subscriptions }, id, payload) => {
      try {
        validateId(id);
        validateOperationCount(Object.keys(subscriptions).length);
        const prepared = prepare(extra, payload);
        if ("document" in prepared)
          destinations.set(prepared, { sender: extra.sender, id: Buffer.from(JSON.stringify(id)) });
        return prepared;
      } catch (error) {
        return [toGraphQLError(error)];
      }
    },
    subscribe: async (args) => {
      const destination = destinations.get(args);
      if (!destination) throw new Error("the operation was not prepared by onSubscribe");
      const events = await subscribe(args);
      return Symbol.asyncIterator in events ? sendAll(events, destination) : events;
    },
    onComplete: ({ extra }, _id, payload) => endOperation(extra, payload),
    onError: ({ extra }, _id, payload, errors) => {
      endOperation(extra, payload);
      return errors.map((error) => formatError(error.toJSON(), error, log));
    },
    onNext: (_ctx, _id, _payload, _args, result) => formatResult(result, log),
  });
}

/** The answer to a ping. Its payload is returned, unless it is too deep to be serialized. */
function encodePong(payload: PingMessage["payload"]): string {
  return stringifyMessage({ type: MessageType.Pong, ...(payload && !isNestedTooDeep(payload) && { payload }) });
}

/** Connects a websocket with the protocol. */
function openConnection(
  protocol: ProtocolServer<Connection>,
  client: WebSocket,
  stream: Duplex,
  request: IncomingMessage,
  release: () => void,
  { timeouts, log }: Pick<WebsocketOptions, "timeouts" | "log">,
): void {
  const fail = (error: unknown) => {
    describeError(error, log);
    client.close(CloseCode.InternalServerError, "internal error");
  };
  const sender = createSender(client, stream, timeouts);
  const ends: Connection["ends"] = new Map();
  const closed = protocol.opened(
    {
      protocol: client.protocol,
      send: sender.send,
      close: (code, reason) => client.close(code, reason),
      onPing: (payload) => sender.send(encodePong(payload)),
      onMessage: (handle) => {
        client.on("message", (data) => {
          handle(tagLongIntegers(String(data))).catch(fail);
        });
      },
    },
    { request, sender, ends, release },
  );
  client.on("error", () => client.close());
  client.on("close", (code, reason) => {
    sender.end();
    for (const { end } of ends.values()) end();
    closed(code, String(reason)).catch(fail);
  });
}

/** Throws when an upgrade is not for this service, or not for `/graphql`. */
function assertAcceptable(request: IncomingMessage, { checkHost }: Pick<WebsocketOptions, "checkHost">): void {
  if (new URL(request.url ?? "/", "http://x").pathname !== "/graphql") throw new Error("only /graphql has websockets");
  checkHost(request);
}

/**
 * Serves graphql-transport-ws on `/graphql`. The token is the header `Authorization`, or a member of `connection_init` with that name. Returns a function
 * that closes all connections.
 */
export function serveWebsocket(options: WebsocketOptions): () => Promise<void> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: websocketLimits.messageBytes,
    handleProtocols,
    // An operation must have ended before its id is used again, even if both messages arrive in one piece.
    allowSynchronousEvents: false,
  });
  const protocol = createProtocol(options);
  const takeSlot = createSlots(websocketLimits.unauthenticated);
  options.server.on("upgrade", (request, stream, head) => {
    // Node removes its own listener here: without one, a client that disconnects would end the process.
    stream.on("error", () => stream.destroy());
    const refuse = (status: string) => void stream.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n\r\n`);
    try {
      assertAcceptable(request, options);
    } catch {
      return refuse("403 Forbidden");
    }
    const release = takeSlot(getAddress(request));
    if (!release) return refuse("503 Service Unavailable\r\nRetry-After: 1");
    stream.once("close", release);
    sockets.handleUpgrade(request, stream, head, (client) =>
      openConnection(protocol, client, stream, request, release, options),
    );
  });
  return () => closeAll(sockets);
}

function getActor({ actor }: Connection): Actor {
  if (!actor) throw new DomainError("UNAUTHENTICATED", "send connection_init before the first operation", {});
  return actor;
}
