import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { filesystemBlobs } from "./adapters/filesystem/blob-store.ts";
import { grafeoStore } from "./adapters/grafeo/graph-store.ts";
import { neo4jStore } from "./adapters/neo4j/graph-store.ts";
import { s3Blobs } from "./adapters/s3/blob-store.ts";
import { anyone, byToken } from "./auth/authenticate.ts";
import type { Config } from "./config.ts";
import type { Deps } from "./domain/deps.ts";
import { startEventLog } from "./domain/events.ts";
import type { Actor } from "./domain/permissions.ts";
import { createContext } from "./graphql/context.ts";
import type { ErrorLog } from "./graphql/errors.ts";
import { createSchema } from "./graphql/schema.ts";
import { createApollo } from "./graphql/server.ts";
import { serveWebsocket } from "./graphql/websocket.ts";
import { createApp } from "./http/app.ts";
import { hostCheck } from "./http/hosts.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { GraphStore } from "./ports/graph-store.ts";

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
}

const openGraph = (config: Config): Promise<GraphStore> | GraphStore =>
  config.graph.kind === "embedded"
    ? grafeoStore({ path: join(config.dataFolder, "graph", "pedigree.grafeo") })
    : neo4jStore(config.graph);

const openBlobs = (config: Config): Promise<BlobStore> | BlobStore =>
  config.blobs.kind === "filesystem" ? filesystemBlobs(join(config.dataFolder, "blobs")) : s3Blobs(config.blobs);

/** The composition root: settings, adapters, domain, doors. Throws when an address is taken or an embedded store can't be opened. */
export const startService = async (config: Config, parts: Parts = {}): Promise<Service> => {
  const authenticate = config.tokensFile ? byToken(config.tokensFile) : anyone();
  const graph = parts.graph ?? (await openGraph(config));
  const blobs = parts.blobs ?? (await openBlobs(config));
  const newId = parts.newId ?? randomUUID;
  const { maxFileBytes, maxFiles, locationSchemes } = config;
  let logError: ErrorLog = (error) => console.error(error);
  const events = startEventLog({ graph, newId }, (error) => logError(error, "event-log"));
  const deps: Deps = {
    graph,
    blobs,
    newId,
    now: parts.now ?? Date.now,
    nudge: events.nudge,
    settings: { maxFileBytes, maxFiles, locationSchemes, blobPrefix: "" },
  };
  const schema = await createSchema();
  const log: ErrorLog = (error, id) => logError(error, id);
  const apollo = createApollo(schema, log);
  await apollo.start();
  const contextOf = (actor: Actor) => createContext(deps, events, actor);
  const checkHost = hostCheck([config.host, ...config.allowedHosts]);
  const page = new URL("../dist/web", import.meta.url);
  const app = await createApp({
    deps,
    apollo,
    authenticate,
    checkHost,
    contextOf,
    log,
    logLevel: config.logLevel,
    page,
  });
  logError = (error, id) => app.log.error({ err: error, id }, "something failed inside");
  const closeSockets = serveWebsocket({ server: app.server, schema, authenticate, checkHost, contextOf, log });
  const close = async (): Promise<void> => {
    await closeSockets();
    await app.close();
    await apollo.stop();
    await events.close();
    await blobs.close();
    await graph.close();
  };
  try {
    return { url: await app.listen({ host: config.host, port: config.port }), close };
  } catch (error) {
    await close();
    throw error;
  }
};
