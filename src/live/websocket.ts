import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import type { ExecutionArgs, GraphQLSchema } from "graphql";
import { CloseCode, handleProtocols, makeServer, type Server as ProtocolServer } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import type { Authenticate } from "../auth/authenticate.ts";
import { DomainError, describeError, type ErrorLog } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import type { Context } from "../graphql/context.ts";
import { formatError, formatResult, toGraphQLError } from "../graphql/errors.ts";
import { findValidationErrors, parseAndLimit } from "../graphql/limits.ts";
import { closableIterator } from "../lib/closable-iterator.ts";
import type { RenderedEvent } from "./render-event.ts";
import type { Subscribe } from "./shared-subscriptions.ts";
import { type ConnectionTimeouts, createSender, type Sender } from "./websocket-backpressure.ts";
import { nextFrames } from "./websocket-frames.ts";

/** What the websocket door needs. */
export interface WebsocketOptions {
  server: Server;
  schema: GraphQLSchema;
  authenticate: Authenticate;
  /** Throws when Host or Origin don't belong here. */
  checkHost: (request: { headers: { host?: string | undefined; origin?: string | undefined } }) => void;
  contextOf: (actor: Actor) => Context;
  subscribe: Subscribe;
  patience: ConnectionTimeouts;
  log: ErrorLog;
}

/** An operation's id goes into each of its messages. */
const most = { subscriptions: 100, messageBytes: 1_048_576, id: 256 };

/** A connection: `actor` once `connection_init` said who it is. */
type Extra = { actor?: Actor; request: IncomingMessage; sender: Sender };

function authorizationOf(params: Record<string, unknown> | undefined): string | undefined {
  const entry = Object.entries(params ?? {}).find(([name]) => name.toLowerCase() === "authorization");
  return typeof entry?.[1] === "string" ? entry[1] : undefined;
}

type Payload = { query: string; operationName?: string | null; variables?: Record<string, unknown> | null };

/** Where what a subscription tells goes: to whom, and under which id. */
type Outlet = { sender: Sender; id: Buffer };

/** Sends what is told past the protocol, which has nothing to add to it and sees an empty stream that ends with the subscription. */
function drainInto(told: AsyncGenerator<RenderedEvent[], void>, { sender, id }: Outlet): AsyncGenerator<never, void> {
  let open = true;
  const next = async (): Promise<null> => {
    for await (const some of told) {
      for (const frames of nextFrames(some, id)) {
        // The id may be another's by now.
        if (!open) return null;
        await sender.sendFrames(frames);
      }
    }
    return null;
  };
  return closableIterator<never>(next, () => {
    open = false;
    void told.return();
  });
}

/** The protocol itself: who is there, what may be asked, how it is answered. */
function createProtocol({ schema, authenticate, contextOf, subscribe, log }: WebsocketOptions) {
  const outlets = new WeakMap<ExecutionArgs, Outlet>();
  const prepare = (extra: Extra, open: number, { query, operationName, variables }: Payload) => {
    checkOpen(open);
    const document = parseAndLimit(query, { schema, variables });
    const errors = findValidationErrors(schema, document);
    if (errors.length) return errors;
    return { schema, document, operationName, variableValues: variables, contextValue: contextOf(actorOf(extra)) };
  };
  return makeServer<Record<string, unknown>, Extra>({
    onConnect: async ({ connectionParams, extra }) => {
      try {
        extra.actor = await authenticate(authorizationOf(connectionParams) ?? extra.request.headers.authorization);
        return true;
      } catch {
        return false;
      }
    },
    onSubscribe: ({ extra, subscriptions }, id, payload) => {
      try {
        checkId(id);
        const prepared = prepare(extra, Object.keys(subscriptions).length, payload);
        if ("document" in prepared)
          outlets.set(prepared, { sender: extra.sender, id: Buffer.from(JSON.stringify(id)) });
        return prepared;
      } catch (error) {
        return [toGraphQLError(error)];
      }
    },
    subscribe: async (args) => {
      const outlet = outlets.get(args);
      if (!outlet) throw new Error("an operation that nobody asked for");
      const told = await subscribe(args);
      return Symbol.asyncIterator in told ? drainInto(told, outlet) : told;
    },
    onError: (_ctx, _id, _payload, errors) => errors.map((error) => formatError(error.toJSON(), error, log)),
    onNext: (_ctx, _id, _payload, _args, result) => formatResult(result, log),
  });
}

/** Gives a connection to the protocol, and what comes of it to the connection. */
function speak(
  protocol: ProtocolServer<Extra>,
  client: WebSocket,
  stream: Duplex,
  request: IncomingMessage,
  { patience, log }: Pick<WebsocketOptions, "patience" | "log">,
): void {
  const fail = (error: unknown) => {
    describeError(error, log);
    client.close(CloseCode.InternalServerError, "something went wrong inside");
  };
  const sender = createSender(client, stream, patience);
  const closed = protocol.opened(
    {
      protocol: client.protocol,
      send: sender.send,
      close: (code, reason) => client.close(code, reason),
      onMessage: (take) => {
        client.on("message", (data) => {
          take(String(data)).catch(fail);
        });
      },
    },
    { request, sender },
  );
  client.on("error", () => client.close());
  client.on("close", (code, reason) => {
    sender.end();
    closed(code, String(reason)).catch(fail);
  });
}

/** Serves graphql-transport-ws on `/graphql`; the token comes in `connection_init` as `Authorization`, or as a header. Returns how to end it. */
export function serveWebsocket(options: WebsocketOptions): () => Promise<void> {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: most.messageBytes,
    handleProtocols,
    // An operation that is ended has ended before another begins with its id, though both messages come in one piece.
    allowSynchronousEvents: false,
  });
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
    sockets.handleUpgrade(request, stream, head, (client) => speak(protocol, client, stream, request, options));
  });
  return () => closeAll(sockets);
}

/** Closes all connections; those whose peers don't answer in time are cut. */
async function closeAll(sockets: WebSocketServer): Promise<void> {
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
  }, closeTimeoutMs);
  await gone;
  clearTimeout(timer);
  sockets.close();
}

/** Milliseconds that a peer has to answer that it is closing too. */
const closeTimeoutMs = 2_000;

/** 1001: the endpoint goes away. */
const closing = 1001;

function checkOpen(open: number): void {
  if (open <= most.subscriptions) return;
  const message = `at most ${most.subscriptions} operations at once on one connection`;
  throw new DomainError("TOO_COMPLEX", message, { limit: most.subscriptions, actual: open });
}

function checkId(id: string): void {
  if (id.length <= most.id) return;
  const message = `an operation's id has at most ${most.id} characters`;
  throw new DomainError("TOO_LARGE", message, { limit: most.id });
}

function actorOf({ actor }: Extra): Actor {
  if (!actor) throw new DomainError("UNAUTHENTICATED", "connection_init comes first", {});
  return actor;
}
