import type { IncomingMessage, ServerResponse } from "node:http";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyReply,
} from "fastify";
import type { Authenticate } from "../auth/authenticate.ts";
import type { RequestContext, Services } from "../domain/core/context.ts";
import { DomainError, type ErrorLog, invalid } from "../domain/core/errors.ts";
import { createRequestEnd } from "../domain/core/request-end.ts";
import type { ContextInput } from "../graphql/context.ts";
import type { Door } from "./door.ts";
import { enforceMinimumRate } from "./minimum-rate.ts";
import { renderProblemJson, toProblem } from "./problem.ts";

/** What the HTTP server needs. */
export interface AppOptions {
  doors: readonly Door[];
  authenticate: Authenticate;
  /** The context of one request. */
  contextOf: (input: ContextInput) => RequestContext<keyof Services>;
  /** Throws when the headers Host or Origin are not allowed. */
  checkHost: (request: Pick<IncomingMessage, "headers">) => void;
  log: ErrorLog;
  logger: FastifyBaseLogger;
  /** Milliseconds after which a client is cut off that sends or reads too slowly. */
  stallTimeoutMs: number;
}

/** An HTTP server. */
export interface App {
  /** Starts listening; resolves with the URL. */
  listen(address: { host: string; port: number }): Promise<string>;
  /** Closes the doors, finishes requests in progress, and stops listening. */
  close(): Promise<void>;
}

/** Maximum bytes of a body that is read whole, but for those of doors that have limits of their own. */
const maxBodyBytes = 2 ** 20;

/** Milliseconds for a client that is still sending to read why its request was refused. */
const drainTimeoutMs = 5_000;

function isFastifyError(error: unknown): error is Error & { statusCode: number } {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";
}

/** Replaces errors of Fastify itself by those of the contract. */
function toDomainError(error: unknown): unknown {
  if (!isFastifyError(error)) return error;
  if (error.statusCode === 413)
    return new DomainError("TOO_LARGE", `the body of this request can have at most ${maxBodyBytes} bytes`, {
      limit: maxBodyBytes,
    });
  if (error.statusCode >= 400 && error.statusCode < 500)
    return new DomainError("INVALID_INPUT", error.message, { field: "request" });
  return error;
}

/** Answers with an error in the form of a door, or as problem+json where there is no door. */
function sendError(reply: FastifyReply, error: unknown, door: Door | undefined, log: ErrorLog): FastifyReply {
  const problem = toProblem(toDomainError(error), log);
  const { status, contentType, body } = door?.renderError(problem) ?? renderProblemJson(problem);
  if (status === 503) reply.header("retry-after", "1");
  if (status === 401) reply.header("www-authenticate", "Bearer");
  return reply.code(status).type(contentType).send(body);
}

/** The door that a URL belongs to: the one with the longest prefix of its path. */
function findDoor(doors: readonly Door[], url: string): Door | undefined {
  const [path = ""] = url.split("?");
  return doors
    .filter(({ prefix }) => `${path}/`.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length)[0];
}

/** Answers errors of requests that reached no route, each in the form of the door whose prefix its path has. */
function handleUnrouted(app: FastifyInstance, { doors, log }: AppOptions): void {
  app.setErrorHandler((error, { url }, reply) => void sendError(reply, error, findDoor(doors, url), log));
  app.setNotFoundHandler(({ method, url }, reply) => {
    const door = findDoor(doors, url);
    const hint = door?.getNotFoundHint?.(method, url);
    const message = `${method} ${url} was not found${hint ? `: ${hint}` : ""}`;
    return sendError(reply, new DomainError("NOT_FOUND", message, {}), door, log);
  });
}

/** A signal that aborts when the response was sent, its client is gone, or the time of the request is up. */
function watchRequest(response: ServerResponse, timeoutMs: number | null): AbortSignal {
  const { signal, end } = createRequestEnd(timeoutMs);
  response.once("close", end);
  return signal;
}

function toPlugin(door: Door, { authenticate, contextOf, log }: AppOptions): FastifyPluginAsync {
  const { routes, publicRoutes, timeoutMs = null } = door;
  const authenticated: FastifyPluginAsync = async (app) => {
    app.addHook("onRequest", async (request, { raw }) => {
      const actor = await authenticate(request.headers.authorization, request.ip);
      request.context = contextOf({ actor, signal: watchRequest(raw, timeoutMs) });
    });
    await routes?.(app);
  };
  return async (app) => {
    app.setErrorHandler((error, _request, reply) => void sendError(reply, error, door, log));
    if (publicRoutes) await app.register(publicRoutes);
    if (routes) await app.register(authenticated);
  };
}

/** Discards what still arrives of a body whose request has been answered, and cuts the client off after a while: unread, it would block the connection. */
function drainAbandonedBodies(app: FastifyInstance): void {
  app.addHook("onResponse", async ({ raw }) => {
    if (raw.complete) return;
    raw.resume();
    setTimeout(() => raw.complete || raw.socket.destroy(), drainTimeoutMs).unref();
  });
}

/** Closes connections after the answer in progress when the service is closing: otherwise they would be waited for until they time out. */
function closeIdleConnectionsOnClose(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook("preClose", async () => {
    isClosing = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    if (isClosing) reply.header("connection", "close");
  });
  // An answer whose headers were already sent keeps its connection open; the connection is idle only after this hook.
  app.addHook("onResponse", async () => {
    if (isClosing) setImmediate(() => app.server.closeIdleConnections());
  });
}

/** Creates the HTTP server over a list of doors; it is not listening yet. */
export async function createApp(options: AppOptions): Promise<App> {
  const { doors, checkHost, log, logger, stallTimeoutMs } = options;
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength: 8_192 },
    forceCloseConnections: "idle",
    // Large files take long; the minimum rate cuts off clients that send nothing.
    requestTimeout: 0,
    // Called for a path that can't be decoded, which no route can match.
    frameworkErrors: ({ message }, { url }, reply) =>
      void sendError(reply, invalid("path", message), findDoor(doors, url), log),
  });
  app.decorateRequest("context");
  handleUnrouted(app, options);
  app.addHook("onRequest", async (request) => checkHost(request));
  closeIdleConnectionsOnClose(app);
  drainAbandonedBodies(app);
  enforceMinimumRate(app, stallTimeoutMs);
  for (const door of doors) await app.register(toPlugin(door, options), { prefix: door.prefix });
  return {
    listen: (address) => app.listen(address),
    close: async () => {
      await Promise.all(doors.map((door) => door.close?.()));
      await app.close();
    },
  };
}
