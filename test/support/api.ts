import { createHash, randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { createClient } from "graphql-ws";
import { afterAll, beforeAll } from "vitest";
import WebSocket from "ws";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params } from "../../src/ports/statement.ts";
import * as documents from "./documents.ts";
import { watchSchema } from "./schema-coverage.ts";
import { type Answer, type Engine, freshProject, startTestService, type TestService } from "./service.ts";

/** Projects that the actors below differ about; all others are the admin's alone. */
const projects = {
  open: freshProject(),
  secret: freshProject(),
  listed: Array.from({ length: 7 }, freshProject).sort(),
};
const { open, secret, listed } = projects;

/** Who may ask, with the grants of each; the token is the name. */
const actors = {
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
export type ActorName = keyof typeof actors;

function tokenFile(folder: string): string {
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

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));

/** Statements, paths of the host and stacks. */
export const leak = /UNWIND|MERGE|MATCH \(|node_modules|\/src\/|\.ts:\d|\.js:\d|"stack|neo4j|grafeo/i;

/** A service with tokens on one engine, started before the tests of the suite, whose every answer is watched for what of the schema it shows. */
export function useApi(engine: Engine) {
  const watch = watchSchema(schema);
  const ids = { prefix: "" };
  let service: TestService;
  let graph: GraphStore;
  let folder = "";
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "pedigree-api-"));
    graph = await engine.open();
    const env = {
      PEDIGREE_AUTH: "token",
      PEDIGREE_TOKENS: tokenFile(folder),
      PEDIGREE_MAX_FILE_BYTES: "100000",
      PEDIGREE_MAX_FILES: "20",
      PEDIGREE_WEBHOOK_ALLOW: "127.0.0.1/32",
    };
    const newId = () => ids.prefix + randomUUID().slice(ids.prefix.length);
    service = await startTestService(engine, env, { graph, newId });
  });
  afterAll(async () => {
    await service?.close();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  const ask = async <T>(query: string, variables: object = {}, actor: ActorName = "admin"): Promise<Answer<T>> => {
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
    if (!error) throw new Error("this was to be refused");
    if (leak.test(JSON.stringify(error))) throw new Error(`an error tells of the inside: ${JSON.stringify(error)}`);
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
    watch,
    ids,
    ask,
    data,
    refusal,
    http,
    url: () => service.url,
    statements: () => service.statements(),
    /** Changes the graph behind the service's back, for what no mutation can do yet. */
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
    /** An operation over a websocket as its document says, unwatched; a refused token is null. */
    raw: (query: string, token: string | null = "admin") => socket(token).iterate<Record<string, unknown>>({ query }),
    /** A websocket's subscription: the next answers one by one, until `end`. */
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

/** A digest that no store has, nor any other suite in the same database. */
export const strayDigest = `sha256:${createHash("sha256").update(randomUUID()).digest("hex")}`;
