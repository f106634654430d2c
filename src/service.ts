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
import type { Ports } from "./domain/core/context.ts";
import type { ErrorLog } from "./domain/core/errors.ts";
import type { Actor } from "./domain/core/permissions.ts";
import { createContext } from "./graphql/context.ts";
import { createSchema } from "./graphql/schema.ts";
import { createApollo } from "./graphql/server.ts";
import { versionInputReader } from "./graphql/version-input.ts";
import { createApp } from "./http/app.ts";
import { graphqlHandler } from "./http/graphql.ts";
import { createHostGuard } from "./http/host-guard.ts";
import { createMetrics, type Metrics } from "./http/prometheus.ts";
import { startJobs } from "./jobs.ts";
import type { Job } from "./lib/job.ts";
import { createAddressCheck } from "./lib/private-addresses.ts";
import { createSubscribe } from "./live/shared-subscriptions.ts";
import { createEventStreams } from "./live/sse.ts";
import { serveWebsocket } from "./live/websocket.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { GraphStore } from "./ports/graph-store.ts";
import { NotOpened } from "./ports/unavailable.ts";
import { createJobs, createServices, type ProcessServices, type ServiceObserver } from "./services.ts";

/** A running service. */
export interface Service {
  /** Where it listens. */
  url: string;
  /** Ends it; what is in flight is finished first. */
  close(): Promise<void>;
}

/** What a test may replace. */
export interface ServiceOverrides {
  graph?: GraphStore;
  blobs?: BlobStore;
  newId?: () => string;
  now?: () => number;
  /** Milliseconds between two checks of whether a silent connection is still there. */
  keepAlive?: number;
  /** Chooses, or changes, the background jobs; all run when this is not given. */
  jobs?: (jobs: Job[]) => Job[];
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

async function createPorts(config: Config, overrides: ServiceOverrides): Promise<Ports> {
  const { maxFileBytes, maxFiles, projectBytes, locationSchemes } = config;
  return {
    graph: overrides.graph ?? (await openGraph(config)),
    blobs: overrides.blobs ?? (await openBlobs(config)),
    webhooks: webhookSender(createAddressCheck(config.webhookAllow)),
    newId: overrides.newId ?? randomUUID,
    now: overrides.now ?? Date.now,
    settings: { maxFileBytes, maxFiles, projectBytes, locationSchemes, ownLocation: ownLocation(config) },
  };
}

function createObserver(metrics: () => Metrics, logger: Logger): ServiceObserver {
  return {
    corruption: (error) => {
      metrics().damaged.inc();
      logger.error({ err: error }, "bytes in the store are damaged");
    },
    retrying: (part, error) => logger.warn({ err: error, part }, "failed and will be retried"),
  };
}

/** Opens every door on one HTTP server that is not listening yet. */
async function createDoors(
  config: Config,
  services: ProcessServices,
  { logger, metrics, keepAlive }: { logger: Logger; metrics: Metrics; keepAlive: number },
) {
  const log: ErrorLog = (error, id) => logger.error({ err: error, id }, "internal error");
  const authenticate = config.tokensFile ? tokenFileAuthenticator(config.tokensFile) : localAdmin();
  const checkHost = createHostGuard([config.host, ...config.allowedHosts]);
  const schema = await createSchema();
  const apollo = createApollo(schema, log);
  await apollo.start();
  const contextOf = (actor: Actor, resumeFrom?: string | null) => createContext(services, actor, resumeFrom);
  const patience = { stall: config.stallTimeout, keepAlive };
  const live = { schema, contextOf, subscribe: createSubscribe(log), patience, log };
  const streams = createEventStreams(live);
  const graphql = graphqlHandler(apollo, contextOf, streams);
  const app = await createApp({
    ...{ ports: services.ports, contextOf, graphql, authenticate, checkHost, log, logger, metrics },
    stallTimeout: config.stallTimeout,
    readVersionInput: versionInputReader(schema),
    page: new URL("../dist/web", import.meta.url),
  });
  const closeSockets = serveWebsocket({ ...live, server: app.server, authenticate, checkHost });
  const close = async (): Promise<void> => {
    streams.close();
    await closeSockets();
    await app.close();
    await apollo.stop();
  };
  return { listen: () => app.listen({ host: config.host, port: config.port }), close };
}

/** Starts a service: settings, ports, services, doors, jobs. Throws when an address is taken or an embedded store can't be opened. */
export async function startService(config: Config, overrides: ServiceOverrides = {}): Promise<Service> {
  const logger = pino({ level: config.logLevel, redact: ["req.headers.authorization"] });
  const ports = await createPorts(config, overrides);
  const observer = createObserver(() => metrics, logger);
  const services = createServices(ports, config.cacheBytes, observer);
  const metrics = createMetrics(services.tail.readers);
  const doors = await createDoors(config, services, { logger, metrics, keepAlive: overrides.keepAlive ?? 15_000 });
  const allJobs = createJobs(services, config, observer);
  const jobs = startJobs(overrides.jobs?.(allJobs) ?? allJobs, {
    finished: (job) => metrics.jobTurns.inc({ job, outcome: "finished" }),
    failed: (job, error) => {
      metrics.jobTurns.inc({ job, outcome: "failed" });
      observer.retrying(job, error);
    },
  });
  const close = async (): Promise<void> => {
    await jobs.stop();
    await doors.close();
    await services.verification.close();
    await services.tail.close();
    await ports.blobs.close();
    await ports.graph.close();
  };
  try {
    return { url: await doors.listen(), close };
  } catch (error) {
    await close();
    throw error;
  }
}
