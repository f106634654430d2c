import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { type Logger, pino } from "pino";
import { filesystemBlobs } from "./adapters/filesystem/blob-store.ts";
import { grafeoStore } from "./adapters/grafeo/graph-store.ts";
import { neo4jStore } from "./adapters/neo4j/graph-store.ts";
import { s3Blobs } from "./adapters/s3/blob-store.ts";
import { webhookSender } from "./adapters/webhooks/sender.ts";
import { localAdmin, tokenFileAuthenticator } from "./auth/authenticate.ts";
import { type Config, ConfigError } from "./config.ts";
import { startKeeping } from "./domain/blobs/blobs.ts";
import { startSweeping } from "./domain/blobs/garbage-collection.ts";
import { startVerifier } from "./domain/blobs/verification.ts";
import type { Deps } from "./domain/core/context.ts";
import type { ErrorLog } from "./domain/core/errors.ts";
import { startLookups } from "./domain/core/lookups.ts";
import type { Actor } from "./domain/core/permissions.ts";
import { type EventTail, startEventTail } from "./domain/events/event-tail.ts";
import { startTrimming } from "./domain/events/retention.ts";
import { startMarkingStaleRuns } from "./domain/runs/stale-runs.ts";
import { createUpstreamWatcher } from "./domain/subscriptions/upstream-watcher.ts";
import { startTellingWebhooks } from "./domain/webhooks/webhook-deliveries.ts";
import { createContext } from "./graphql/context.ts";
import { createSchema } from "./graphql/schema.ts";
import { createApollo, graphqlHandler } from "./graphql/server.ts";
import { versionInputReader } from "./graphql/version-input.ts";
import { createApp } from "./http/app.ts";
import { createHostGuard } from "./http/host-guard.ts";
import { createMetrics, type Metrics } from "./http/prometheus.ts";
import { createContentCache } from "./lib/content-cache.ts";
import { createAddressCheck } from "./lib/private-addresses.ts";
import { createSemaphore } from "./lib/semaphore.ts";
import { createSubscribe } from "./live/shared-subscriptions.ts";
import { createEventStreams } from "./live/sse.ts";
import { serveWebsocket } from "./live/websocket.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { GraphStore } from "./ports/graph-store.ts";
import { NotOpened } from "./ports/unavailable.ts";

/** A running service: where it listens, and how to end it (what is in flight is finished first). */
export interface Service {
  url: string;
  close(): Promise<void>;
}

/** What a test may hand in: its own stores, ids and clock. */
export interface Parts {
  graph?: GraphStore;
  blobs?: BlobStore;
  newId?: () => string;
  now?: () => number;
  /** How often silent connections are asked whether they are there. Milliseconds. */
  keepAlive?: number;
  /** How often uploads that are unfinished are looked at. Milliseconds. */
  uploadLooks?: number;
}

async function openGraph(config: Config): Promise<GraphStore> {
  if (config.graph.kind === "neo4j") return neo4jStore(config.graph);
  try {
    return await grafeoStore({ path: join(config.dataFolder, "graph", "pedigree.grafeo") });
  } catch (error) {
    throw error instanceof NotOpened ? new ConfigError([error.message]) : error;
  }
}

function openBlobs(config: Config): Promise<BlobStore> | BlobStore {
  return config.blobs.kind === "filesystem" ? filesystemBlobs(join(config.dataFolder, "blobs")) : s3Blobs(config.blobs);
}

function ownLocation({ blobs }: Config): string | null {
  return blobs.kind === "s3" ? `s3://${[blobs.bucket, blobs.prefix].filter(Boolean).join("/")}/` : null;
}

/** Contents that are written to the store at once; more wait for their turn. */
const writesAtOnce = 64;

async function createDeps(config: Config, parts: Parts) {
  const { maxFileBytes, maxFiles, projectBytes, locationSchemes } = config;
  const stores = {
    graph: parts.graph ?? (await openGraph(config)),
    blobs: parts.blobs ?? (await openBlobs(config)),
    webhooks: webhookSender(createAddressCheck(config.webhookAllow)),
    newId: parts.newId ?? randomUUID,
    now: parts.now ?? Date.now,
    writing: createSemaphore(writesAtOnce),
    recent: createContentCache(config.cacheBytes),
    counted: new Set<string>(),
    settings: {
      maxFileBytes,
      maxFiles,
      projectBytes,
      locationSchemes,
      ownLocation: ownLocation(config),
    },
  };
  return { ...stores, keeping: startKeeping(stores), lookups: startLookups(stores) };
}

function reportCorruption(metrics: Metrics, logger: Logger) {
  return (error: Error): void => {
    metrics.damaged.inc();
    logger.error({ err: error }, "bytes in the store are damaged");
  };
}

/** What goes on by itself: webhooks are told, and bytes that nobody refers to, old events and silent runs are looked for. */
function startJobs(deps: Deps, tail: EventTail, config: Config, onError: (error: unknown) => void) {
  const { blobGrace, eventRetention } = config;
  const chores = [
    startTellingWebhooks(deps, tail, onError),
    ...startSweeping(deps, blobGrace, onError),
    startTrimming(deps, eventRetention, onError),
    startMarkingStaleRuns(deps, onError),
  ];
  return () => Promise.all(chores.map((chore) => chore.stop()));
}

/** The composition root: settings, adapters, domain, doors. Throws when an address is taken or an embedded store can't be opened. */
export async function startService(config: Config, parts: Parts = {}): Promise<Service> {
  const authenticate = config.tokensFile ? tokenFileAuthenticator(config.tokensFile) : localAdmin();
  const logger = pino({ level: config.logLevel, redact: ["req.headers.authorization"] });
  const log: ErrorLog = (error, id) => logger.error({ err: error, id }, "something failed inside");
  const stores = await createDeps(config, parts);
  const tail = startEventTail(stores, (error) => logger.warn({ err: error }, "the event log waits"));
  const verifier = startVerifier(stores, (error) => logger.warn({ err: error }, "an upload waits"), parts.uploadLooks);
  const metrics = createMetrics(tail.readers);
  const damaged = reportCorruption(metrics, logger);
  const deps: Deps = { ...stores, nudge: tail.nudge, settle: tail.settle, verify: verifier.verify, damaged };
  const schema = await createSchema();
  const apollo = createApollo(schema, log);
  await apollo.start();
  const shared = { deps, tail, upstreams: createUpstreamWatcher(deps, tail) };
  const contextOf = (actor: Actor, resumeFrom?: string | null) => createContext(shared, actor, resumeFrom);
  const checkHost = createHostGuard([config.host, ...config.allowedHosts]);
  const patience = { stall: config.stallTimeout, keepAlive: parts.keepAlive ?? 15_000 };
  const live = { schema, contextOf, subscribe: createSubscribe(log), patience, log };
  const streams = createEventStreams(live);
  const graphql = graphqlHandler(apollo, contextOf, streams);
  const app = await createApp({
    ...{ deps, graphql, authenticate, checkHost, log, logger, metrics, stallTimeout: config.stallTimeout },
    readVersionInput: versionInputReader(schema),
    page: new URL("../dist/web", import.meta.url),
  });
  const closeSockets = serveWebsocket({ ...live, server: app.server, authenticate, checkHost });
  const stopChores = startJobs(deps, tail, config, (error) => logger.warn({ err: error }, "a chore waits"));
  const close = async (): Promise<void> => {
    await stopChores();
    streams.close();
    await closeSockets();
    await app.close();
    await apollo.stop();
    await verifier.close();
    await tail.close();
    await deps.blobs.close();
    await deps.graph.close();
  };
  try {
    return { url: await app.listen({ host: config.host, port: config.port }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
