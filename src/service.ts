import { type Logger, pino } from "pino";
import { localAdmin, tokenFileAuthenticator } from "./auth/authenticate.ts";
import { limitGuesses } from "./auth/limit-guesses.ts";
import type { Config } from "./config.ts";
import type { Ports } from "./domain/core/context.ts";
import type { ErrorLog } from "./domain/core/errors.ts";
import { createAnswerSlots } from "./domain/core/request-graph.ts";
import { type ContextInput, createContext } from "./graphql/context.ts";
import { createSchema } from "./graphql/schema.ts";
import { createVersionInputReader } from "./graphql/version-input.ts";
import { createApp } from "./http/app.ts";
import { blobsDoor } from "./http/blobs.ts";
import type { Door } from "./http/door.ts";
import { createGraphQLDoor } from "./http/graphql.ts";
import { createHealthDoor } from "./http/health.ts";
import { createHostGuard } from "./http/host-guard.ts";
import { createMetrics, createMetricsDoor, type Metrics } from "./http/metrics.ts";
import { createPageDoor } from "./http/page.ts";
import { uploadsDoor } from "./http/uploads.ts";
import { createVersionsDoor } from "./http/versions/door.ts";
import { type JobObserver, startJobs } from "./jobs.ts";
import type { Job } from "./lib/job.ts";
import { openPorts } from "./open-ports.ts";
import { closeServices, createJobs, createServices, type ProcessServices, type ServiceObserver } from "./services.ts";

/** A running service. */
export interface Service {
  /** The URL at which it listens. */
  url: string;
  /** Ends it, after requests in progress have finished. */
  close(): Promise<void>;
}

/** What a test may replace. */
export interface ServiceOverrides extends Partial<Pick<Ports, "graph" | "blobs" | "newId" | "now">> {
  /** Milliseconds between two heartbeats of a subscriber's connection. */
  heartbeatIntervalMs?: number;
  /** Chooses or changes the background jobs; all run when it is not given. */
  jobs?: (jobs: Job[]) => Job[];
  /** Chooses or changes the doors; all are open when it is not given. */
  doors?: (doors: Door[]) => Door[];
}

/** What every part of a process is built from. */
interface Process {
  config: Config;
  ports: Ports;
  services: ProcessServices;
  logger: Logger;
  metrics: Metrics;
}

const defaultHeartbeatIntervalMs = 15_000;

/** Creates the HTTP server with its doors. Adding a door is a line in the list. */
async function createServer({ config, ports, services, logger, metrics }: Process, overrides: ServiceOverrides) {
  const log: ErrorLog = (error, id) => logger.error({ err: error, id }, "internal error");
  const authenticate = config.tokensFile ? limitGuesses(tokenFileAuthenticator(config.tokensFile)) : localAdmin();
  const checkHost = createHostGuard([config.host, ...config.allowedHosts]);
  const shared = { ports, services, takeAnswerSlot: createAnswerSlots() };
  const contextOf = (input: ContextInput) => createContext(shared, input);
  const { stallTimeoutMs, requestTimeoutMs } = config;
  const timeouts = {
    stallTimeoutMs,
    heartbeatIntervalMs: overrides.heartbeatIntervalMs ?? defaultHeartbeatIntervalMs,
  };
  const schema = await createSchema();
  const allDoors = [
    createHealthDoor(ports),
    createMetricsDoor(metrics),
    createPageDoor(new URL("../dist/web", import.meta.url)),
    await createGraphQLDoor({ schema, contextOf, authenticate, checkHost, timeouts, requestTimeoutMs, log }),
    blobsDoor,
    uploadsDoor,
    createVersionsDoor(createVersionInputReader(schema)),
  ];
  const doors = overrides.doors?.(allDoors) ?? allDoors;
  return createApp({ doors, authenticate, contextOf, checkHost, log, logger, stallTimeoutMs });
}

function createObservers(metrics: Metrics, logger: Logger): { services: ServiceObserver; jobs: JobObserver } {
  const retrying = (part: string, error: unknown) => logger.warn({ err: error, part }, "failed; will be retried");
  return {
    services: {
      retrying,
      corruption: (error) => {
        metrics.damagedReads.inc();
        logger.error({ err: error }, "stored bytes are missing or damaged");
      },
    },
    jobs: {
      finished: (job) => metrics.jobTurns.inc({ job, outcome: "finished" }),
      failed: (job, error) => {
        metrics.jobTurns.inc({ job, outcome: "failed" });
        retrying(job, error);
      },
    },
  };
}

/** Starts a service: ports, services, doors, jobs. Rejects when the address is in use or a store can't be opened. */
export async function startService(config: Config, overrides: ServiceOverrides = {}): Promise<Service> {
  const logger = pino({ level: config.logLevel, redact: ["req.headers.authorization"] });
  const metrics = createMetrics(() => services.eventLog.tail.readers());
  const observers = createObservers(metrics, logger);

  const ports = await openPorts(config, overrides, logger);
  const services = createServices(ports, config.cacheBytes, observers.services);
  const process = { config, ports, services, logger, metrics };
  const server = await createServer(process, overrides);
  const allJobs = createJobs(process, config, observers.services);
  const jobs = startJobs(overrides.jobs?.(allJobs) ?? allJobs, observers.jobs);

  const close = async (): Promise<void> => {
    await jobs.stop();
    await server.close();
    await closeServices(services);
    await ports.blobs.close();
    await ports.graph.close();
  };
  try {
    return { url: await server.listen({ host: config.host, port: config.port }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
