import { randomBytes, randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inject } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import { readConfig } from "../../src/config.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { type ServiceOverrides, startService } from "../../src/service.ts";
import { notedStore } from "./noted-store.ts";

/** The engines that every suite runs on. The embedded one is in memory and returns unordered rows in random order. */
export const engines = [
  {
    name: "grafeo",
    missing: false,
    open: (): Promise<GraphStore> => grafeoStore({ shuffle: true, checkRows: true }),
  },
  {
    name: "neo4j",
    missing: !inject("neo4j"),
    open: (): GraphStore => {
      const address = inject("neo4j");
      if (!address) throw new Error("there is no Neo4j in this run");
      return neo4jStore({ ...address, checkRows: true });
    },
  },
] as const;
export type Engine = (typeof engines)[number];

/** A name for a project that no other test has: the engines outlive a test. */
export function freshProject(): string {
  return `p-${randomBytes(6).toString("hex")}`;
}

/** An answer of GraphQL as it came over HTTP. */
export interface Answer<T> {
  data: T;
  errors?: { message: string; path?: (string | number)[]; extensions: { code: string; [detail: string]: unknown } }[];
}

/** A service under test, in this process, with real stores behind real HTTP. */
export interface TestService {
  url: string;
  /** Statements run since the last call: names in order; a walk counts each of its statements. */
  statements(): string[];
  /** Sends a document; errors come back in the answer. */
  ask<T = Record<string, unknown>>(query: string, variables?: object, token?: string): Promise<Answer<T>>;
  /** Sends a document that must succeed. */
  data<T>(query: string, variables?: object, token?: string): Promise<T>;
  /** Sends a document that must be refused, and gives the first error's extensions with its message. */
  refusal(
    query: string,
    variables?: object,
    token?: string,
  ): Promise<{ code: string; message: string; [detail: string]: unknown }>;
  /** Stores bytes; gives their digest. */
  put(project: string, bytes: Buffer | string): Promise<string>;
  close(): Promise<void>;
}

/** Counts what goes through a real store; changes nothing. */
function counting(store: GraphStore, seen: string[]): GraphStore {
  return {
    ...notedStore(store, ({ name }) => void seen.push(name)),
    walk: (batch, bounds) => {
      seen.push("walk");
      return store.walk(batch, bounds);
    },
  };
}

/** A client of a service anywhere. */
export function client(url: string) {
  const ask = async <T>(query: string, variables?: object, token?: string): Promise<Answer<T>> => {
    const response = await fetch(`${url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as Answer<T>;
  };
  return {
    ask,
    data: async <T>(query: string, variables?: object, token?: string): Promise<T> => {
      const answer = await ask<T>(query, variables, token);
      if (answer.errors) throw new Error(JSON.stringify(answer.errors));
      return answer.data;
    },
    refusal: async (query: string, variables?: object, token?: string) => {
      const [error] = (await ask(query, variables, token)).errors ?? [];
      if (!error) throw new Error("this was to be refused");
      return { ...error.extensions, message: error.message };
    },
    put: async (project: string, bytes: Buffer | string): Promise<string> => {
      const response = await fetch(`${url}/blobs?project=${project}`, { method: "PUT", body: bytes });
      const body = (await response.json()) as { digest: string };
      if (!response.ok) throw new Error(JSON.stringify(body));
      return body.digest;
    },
  };
}

/** Starts a service on an engine; `env` are settings as in the environment. Close it when the suite ends. */
export async function startTestService(
  engine: Engine,
  env: Record<string, string> = {},
  parts: ServiceOverrides = {},
): Promise<TestService> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-test-"));
  const seen: string[] = [];
  // What goes wrong inside has to be readable in a run that can't be repeated.
  const config = readConfig({ PORT: "0", LOG_LEVEL: "error", PEDIGREE_DATA: folder, ...env });
  const graph = counting(parts.graph ?? (await engine.open()), seen);
  const blobs = parts.blobs ?? (await filesystemBlobs(join(folder, "blobs")));
  const service = await startService(config, { newId: randomUUID, ...parts, graph, blobs });
  // What the service asks by itself, from time to time.
  const ignored = new Set([
    "find-silent-runs",
    "find-due-webhooks",
    "claim-webhook",
    "advance-webhook",
    "record-delivery",
    "expire-deliveries",
    "find-unfinished-uploads",
    "expire-uploads",
    "number-events",
    "read-events",
    "lock-log",
    "trim-log",
    "expire-operations",
  ]);
  return {
    url: service.url,
    ...client(service.url),
    statements: () => seen.splice(0).filter((name) => !ignored.has(name)),
    close: async () => {
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
