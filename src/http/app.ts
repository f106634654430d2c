import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fastifyStatic from "@fastify/static";
import fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyPluginAsync,
  type FastifyRequest,
  type RouteHandlerMethod,
  type RouteOptions,
} from "fastify";
import "./request.ts";
import type { Authenticate } from "../auth/authenticate.ts";
import type { Ports, RequestContext, Services } from "../domain/core/context.ts";
import { DomainError, type ErrorLog, invalid } from "../domain/core/errors.ts";
import type { Actor } from "../domain/core/permissions.ts";
import { archiveRoutes } from "./archives.ts";
import { blobRoutes } from "./blobs.ts";
import { documentRoutes } from "./documents.ts";
import { downloadRoutes } from "./downloads.ts";
import { healthRoutes } from "./health.ts";
import { enforceMinimumRate } from "./minimum-rate.ts";
import { postVersionRoutes, type ReadVersionInput } from "./post-version.ts";
import { previewRoutes } from "./previews.ts";
import { sendGraphQLProblem, sendProblem } from "./problems.ts";
import { type Metrics, metricsRoutes } from "./prometheus.ts";
import { uploadPartRoutes } from "./upload-parts.ts";

/** What the HTTP doors need. */
export interface AppOptions {
  ports: Pick<Ports, "blobs" | "graph">;
  /** The context of one request. */
  contextOf: (actor: Actor) => RequestContext<keyof Services>;
  /** Answers GET and POST on `/graphql`. */
  graphql: RouteHandlerMethod;
  authenticate: Authenticate;
  checkHost: (request: { headers: { host?: string | undefined; origin?: string | undefined } }) => void;
  log: ErrorLog;
  logger: FastifyBaseLogger;
  metrics: Metrics;
  readVersionInput: ReadVersionInput;
  /** Milliseconds after which a client that is waited for is cut off. */
  stallTimeout: number;
  /** The folder of the built page. */
  page: URL;
}

/** A whole run with all its metadata is one document: 64 MiB. */
const maxBodyBytes = 64 * 2 ** 20;

const pagePolicy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

async function servePage(app: FastifyInstance, page: URL): Promise<void> {
  if (!existsSync(page)) return;
  await app.register(fastifyStatic, {
    root: fileURLToPath(page),
    prefix: "/graphiql/",
    redirect: true,
    setHeaders: (reply) => reply.setHeader("content-security-policy", pagePolicy),
  });
  for (const path of ["/", "/graphiql"]) app.get(path, (_request, reply) => reply.redirect("/graphiql/"));
}

function isFastifyError(error: unknown): error is Error & { statusCode: number; code: string } {
  return error instanceof Error && "statusCode" in error && typeof error.statusCode === "number";
}

/** What Fastify itself refuses, in the contract's words. */
function translate(error: unknown): unknown {
  if (!isFastifyError(error)) return error;
  if (error.statusCode === 413)
    return new DomainError("TOO_LARGE", `a body has at most ${maxBodyBytes} bytes`, { limit: maxBodyBytes });
  if (error.statusCode >= 400 && error.statusCode < 500)
    return new DomainError("INVALID_INPUT", error.message, { field: "request" });
  return error;
}

/** The routes that ask who is there. */
function doors({ contextOf, graphql, authenticate, log, readVersionInput }: AppOptions): FastifyPluginAsync {
  return async (app) => {
    app.addHook("onRequest", async (request) => {
      request.context = contextOf(await authenticate(request.headers.authorization));
    });
    const method = ["GET", "POST"];
    const errorHandler: RouteOptions["errorHandler"] = (error, _request, reply) =>
      void sendGraphQLProblem(reply, translate(error), log);
    app.route({ method, url: "/graphql", handler: graphql, errorHandler });
    await app.register(blobRoutes);
    await app.register(uploadPartRoutes);
    await app.register(downloadRoutes);
    await app.register(postVersionRoutes(readVersionInput));
    await app.register(archiveRoutes);
    await app.register(previewRoutes);
    await app.register(documentRoutes);
  };
}

/** Milliseconds for a client that goes on sending to read why it was refused. */
const drainTimeoutMs = 5_000;

/** What still comes of a body that was answered already is thrown away, and after a while cut off; unread, it would hold the connection for ever. */
function drainAbandonedBodies(app: FastifyInstance): void {
  app.addHook("onResponse", async ({ raw }) => {
    if (raw.complete) return;
    raw.resume();
    setTimeout(() => raw.complete || raw.socket.destroy(), drainTimeoutMs).unref();
  });
}

/** Connections that were busy when the service began to close end with their answer, and aren't waited for until they are idle for long. */
function closeIdleConnectionsOnClose(app: FastifyInstance): void {
  let closing = false;
  app.addHook("preClose", async () => {
    closing = true;
  });
  app.addHook("onSend", async (_request, reply) => {
    if (closing) reply.header("connection", "close");
  });
  // An answer that was on its way already kept its connection open: idle it is only after this hook.
  app.addHook("onResponse", async () => {
    if (closing) setImmediate(() => app.server.closeIdleConnections());
  });
}

/** What whoever asks for no route at all most likely did wrong. */
function notFoundHint({ method, url }: FastifyRequest): string {
  if (url.startsWith("/versions/")) return ": in a version's reference each / is written %2F";
  return url.startsWith("/blobs") && method !== "PUT" ? ": bytes come by PUT /blobs" : "";
}

/** The HTTP doors: GraphQL, GraphiQL, bytes and health, on one Fastify that isn't listening yet. */
export async function createApp(options: AppOptions): Promise<FastifyInstance> {
  const { ports, checkHost, log, logger, metrics, page, stallTimeout } = options;
  const app = fastify({
    loggerInstance: logger,
    bodyLimit: maxBodyBytes,
    routerOptions: { maxParamLength: 8_192 },
    forceCloseConnections: "idle",
    // Large files take as long as they take; a client that sends nothing is cut off all the same.
    requestTimeout: 0,
    // An address that can't be decoded never reaches a route.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, invalid("path", error.message), log),
  });
  app.decorateRequest("context");
  app.setErrorHandler((error, _request, reply) => void sendProblem(reply, translate(error), log));
  app.setNotFoundHandler((request, reply) =>
    sendProblem(
      reply,
      new DomainError("NOT_FOUND", `${request.method} ${request.url} was not found${notFoundHint(request)}`, {}),
      log,
    ),
  );
  app.addHook("onRequest", async (request) => checkHost(request));
  closeIdleConnectionsOnClose(app);
  drainAbandonedBodies(app);
  enforceMinimumRate(app, stallTimeout);
  await app.register(healthRoutes(ports));
  await app.register(metricsRoutes(metrics));
  await servePage(app, page);
  await app.register(doors(options));
  return app;
}
