import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll, inject } from "vitest";
import WebSocket from "ws";
import type { GraphQLResponse } from "../../src/client/client.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params } from "../../src/ports/statement.ts";
import type { ServiceOverrides } from "../../src/service.ts";
import { writeCoverage } from "./coverage-reporter.ts";
import * as documents from "./documents.ts";
import { readSchema, watchSchema } from "./schema-coverage.ts";
import { type Engine, freshProject, startTestService, type TestService } from "./service.ts";

/** Projects in which the actors have different roles; in all others the admin alone has one. */
function createProjects() {
  return { open: freshProject(), secret: freshProject(), listed: Array.from({ length: 7 }, freshProject).sort() };
}

/** The grants of each actor. An actor's token is its name. */
function createActors({ open, secret, listed }: ReturnType<typeof createProjects>) {
  return {
    admin: [{ role: "admin", projects: ["*"] }],
    maintainer: [{ role: "maintainer", projects: [open] }],
    contributor: [{ role: "contributor", projects: [open] }],
    viewer: [{ role: "viewer", projects: [open] }],
    lister: [{ role: "viewer", projects: listed }],
    /** Contributes to one project and only reads the other. */
    both: [
      { role: "contributor", projects: [open] },
      { role: "viewer", projects: [secret] },
    ],
  };
}
type Actors = ReturnType<typeof createActors>;
export type ActorName = keyof Actors;

function writeTokens(folder: string, actors: Actors): string {
  const entries = Object.entries(actors).flatMap(([actor, grants]) =>
    grants.map((grant) => ({ sha256: createHash("sha256").update(actor).digest("hex"), actor, ...grant })),
  );
  const path = join(folder, "tokens.json");
  writeFileSync(path, JSON.stringify(entries));
  return path;
}

type Refused = { code: string; message: string; [detail: string]: unknown };
type Logged = { created: boolean; version: documents.VersionAnswer };
type Published = { created: boolean; run: documents.RunAnswer };

/** What no error may contain: statements, paths of the host, stacks. */
export const leak = /UNWIND|MERGE|MATCH \(|node_modules|\/src\/|\.ts:\d|\.js:\d|"stack|neo4j|grafeo/i;

/**
 * A service with tokens on one engine, started before the tests of the suite. What its answers show of the schema is recorded for the schema
 * coverage of the run.
 */
export function useApi(engine: Engine, overrides: ServiceOverrides = {}) {
  const watch = watchSchema(readSchema());
  const projects = createProjects();
  const ids = { prefix: "" };
  let service: TestService;
  let graph: GraphStore;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pedigree-api-"));
    graph = await engine.open();
    const env = {
      PEDIGREE_AUTH: "token",
      PEDIGREE_TOKENS: writeTokens(folder, createActors(projects)),
      PEDIGREE_MAX_FILE_BYTES: "100000",
      PEDIGREE_MAX_FILES: "20",
      PEDIGREE_WEBHOOK_ALLOW: "127.0.0.1/32",
    };
    const newId = () => ids.prefix + randomUUID().slice(ids.prefix.length);
    service = await startTestService(engine, env, { graph, newId, ...overrides });
  });
  afterAll(async () => {
    writeCoverage(inject("coverageFolder"), engine.name, watch.covered());
    await service?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <T>(
    query: string,
    variables: object = {},
    actor: ActorName = "admin",
  ): Promise<GraphQLResponse<T>> => {
    const answer = await service.ask<T>(watch.text(query), variables, actor);
    if (answer.errors || !answer.data) return answer;
    return { data: watch.seen(query, variables as Record<string, unknown>, answer.data) as T };
  };
  const data = async <T>(query: string, variables: object = {}, actor: ActorName = "admin"): Promise<T> => {
    const answer = await ask<T>(query, variables, actor);
    if (answer.errors) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  };
  const refusal = async (query: string, variables: object = {}, actor: ActorName = "admin"): Promise<Refused> => {
    const [error] = (await ask(query, variables, actor)).errors ?? [];
    if (!error) throw new Error("the request succeeded, but it must be refused");
    if (leak.test(JSON.stringify(error))) throw new Error(`an error reveals internals: ${JSON.stringify(error)}`);
    return { ...error.extensions, message: error.message };
  };
  const http = (path: string, init: RequestInit = {}, actor: ActorName | null = "admin"): Promise<Response> =>
    fetch(`${service.url}${path}`, {
      ...init,
      headers: { ...(actor && { authorization: `Bearer ${actor}` }), ...(init.headers as Record<string, string>) },
    });

  const socket = (token: string | null) =>
    createClient({
      url: `${service.url.replace("http", "ws")}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      ...(token && { connectionParams: { Authorization: `Bearer ${token}` } }),
    });

  return {
    engine,
    projects,
    ids,
    ask,
    data,
    refusal,
    http,
    url: () => service.url,
    statements: () => service.statements(),
    /** Changes the graph behind the service's back, for states that no mutation can produce. */
    meddle: (text: string, params: Params): Promise<unknown> =>
      graph.write((tx) => tx.run({ name: "meddle", text: `${text} RETURN 1 AS done` }, params)),
    put: async (project: string, bytes: Buffer | string, actor: ActorName = "admin"): Promise<string> => {
      const response = await http(`/blobs?project=${project}`, { method: "PUT", body: bytes }, actor);
      if (!response.ok) throw new Error(await response.text());
      return ((await response.json()) as { digest: string }).digest;
    },
    log: async (input: object, actor?: ActorName): Promise<Logged> =>
      (await data<{ logVersion: Logged }>(documents.logVersion, { input }, actor)).logVersion,
    publish: async (input: object, actor?: ActorName): Promise<Published> =>
      (await data<{ publishRun: Published }>(documents.publishRun, { input }, actor)).publishRun,
    version: async (ref: string, actor?: ActorName): Promise<documents.VersionAnswer> =>
      (await data<{ version: documents.VersionAnswer }>(documents.version, { ref }, actor)).version,
    run: async (id: string, actor?: ActorName): Promise<documents.RunAnswer> =>
      (await data<{ run: documents.RunAnswer }>(documents.run, { id }, actor)).run,
    inventory: (project: string) => data<Record<string, unknown>>(documents.inventory, { project }),
    /** Sends an operation over a websocket without recording coverage; `null` sends no token. */
    raw: (query: string, token: string | null = "admin") => socket(token).iterate<Record<string, unknown>>({ query }),
    /** Subscribes over a websocket; `next` resolves with the next result, `end` closes the connection. */
    subscribe: (query: string, variables: Record<string, unknown> = {}, token: string | null = "admin") => {
      const client = socket(token);
      const events = client.iterate<Record<string, unknown>>({ query: watch.text(query), variables });
      return {
        next: async <T>(): Promise<T> => {
          const { value } = await events.next();
          if (value?.errors) throw new Error(JSON.stringify(value.errors));
          return watch.seen(query, variables, value?.data) as T;
        },
        end: async () => {
          await events.return?.();
          await client.dispose();
        },
      };
    },
  };
}
export type Api = ReturnType<typeof useApi>;

/** A digest that no store and no other suite has. */
export const strayDigest = `sha256:${createHash("sha256").update(randomUUID()).digest("hex")}`;
