import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, inject } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import { connect, type GraphQLResponse, PedigreeError } from "../../src/client/client.ts";
import { readConfig } from "../../src/config.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { type ServiceOverrides, startService } from "../../src/service.ts";
import { notedStore } from "./noted-store.ts";

/**
 * The engines that every suite runs on. The embedded one is in memory and returns unordered rows in random order. Rows and parameters are checked,
 * unless a test asks for a store as in production: `open(false)`.
 */
export const engines = [
  {
    name: "grafeo",
    missing: false,
    open: async (checkRows = true): Promise<GraphStore> => grafeoStore({ shuffle: true, checkRows }),
  },
  {
    name: "neo4j",
    missing: !inject("neo4j"),
    open: (checkRows = true): GraphStore => {
      const address = inject("neo4j");
      if (!address) throw new Error("there is no Neo4j in this run");
      return neo4jStore({ ...address, checkRows });
    },
  },
] as const;
export type Engine = (typeof engines)[number];

/** Runs a suite for each case. A case whose server is missing from this run is skipped. */
export function describeEach<Case extends { missing: boolean }>(
  cases: readonly Case[],
  title: (example: Case) => string,
  suite: (example: Case) => void,
): void {
  for (const example of cases) describe.skipIf(example.missing)(title(example), () => suite(example));
}

/** Runs a suite on every engine. */
export function describeEngines(title: string, suite: (engine: Engine) => void): void {
  describeEach<Engine>(engines, ({ name }) => `${title} on ${name}`, suite);
}

/** A name for a project that no other test has: the engines outlive a test. */
export function freshProject(): string {
  return `p-${randomBytes(6).toString("hex")}`;
}

/** A service under test, in this process, with real stores behind real HTTP. */
export interface TestService extends TestClient {
  url: string;
  /** Statements run since the last call: names in order; a walk counts each of its statements. */
  statements(): string[];
  close(): Promise<void>;
}

/** Requests to a service, each with a token or as nobody. */
export interface TestClient {
  /** Sends a document; resolves with the whole response, errors included. */
  ask<T = Record<string, unknown>>(query: string, variables?: object, token?: string): Promise<GraphQLResponse<T>>;
  /** Sends a document that must succeed; resolves with its data. */
  data<T>(query: string, variables?: object, token?: string): Promise<T>;
  /** Sends a document that must be refused; resolves with the first error's extensions and message. */
  refusal(
    query: string,
    variables?: object,
    token?: string,
  ): Promise<{ code: string; message: string; [detail: string]: unknown }>;
  /** Stores bytes; resolves with their digest. */
  put(project: string, bytes: Buffer | string): Promise<string>;
}

/** Counts the statements of a real store; changes nothing. */
function counting(store: GraphStore, seen: string[]): GraphStore {
  return {
    ...notedStore(store, ({ name }) => void seen.push(name)),
    walk: (batch, bounds, signal) => {
      seen.push("walk");
      return store.walk(batch, bounds, signal);
    },
  };
}

/** A client of a service anywhere. */
export function client(url: string): TestClient {
  return {
    ask: (query, variables, token) => connect({ url, token }).requestRaw(query, variables),
    data: (query, variables, token) => connect({ url, token }).request(query, variables),
    refusal: async (query, variables, token) => {
      try {
        await connect({ url, token }).request(query, variables);
      } catch (error) {
        if (!(error instanceof PedigreeError)) throw error;
        return { ...error.details, code: error.code, message: error.message };
      }
      throw new Error("the request succeeded, but it must be refused");
    },
    put: (project, bytes) => connect({ url }).putBlob(project, bytes),
  };
}

/** Chooses background jobs by name, and runs each ten times a second, so that tests hardly wait for them. */
export function only(...names: string[]): NonNullable<ServiceOverrides["jobs"]> {
  return (jobs) => {
    const unknown = names.filter((name) => !jobs.some((job) => job.name === name));
    if (unknown.length) throw new Error(`there is no job ${unknown.join(", ")}`);
    return jobs.filter((job) => names.includes(job.name)).map((job) => ({ ...job, everyMs: 100 }));
  };
}

/** Statements that the event log runs in the background of every service. */
const background = new Set(["number-events", "read-events", "lock-log"]);

/**
 * Starts a service on an engine, without background jobs: a test that needs some asks for them, `jobs: only("deliver-webhooks")`. `env` holds
 * settings as the environment does. Close the service when the suite ends.
 */
export async function startTestService(
  engine: Engine,
  env: Record<string, string> = {},
  overrides: ServiceOverrides = {},
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-test-"));
  const seen: string[] = [];
  // Internal errors must be readable in the log of a run that can't be repeated.
  const defaults = { PORT: "0", LOG_LEVEL: "error", PEDIGREE_REQUEST_TIMEOUT: "5m", PEDIGREE_DATA: folder };
  const config = readConfig({ ...defaults, ...env });
  const graph = counting(overrides.graph ?? (await engine.open()), seen);
  const blobs = overrides.blobs ?? (await filesystemBlobs(join(folder, "blobs")));
  const service = await startService(config, { newId: randomUUID, jobs: only(), ...overrides, graph, blobs });
  return {
    url: service.url,
    ...client(service.url),
    statements: () => seen.splice(0).filter((name) => !background.has(name)),
    close: async () => {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
