import { randomUUID } from "node:crypto";
import { join } from "node:path";
import type { Logger } from "pino";
import { filesystemBlobs } from "./adapters/filesystem/blob-store.ts";
import { grafeoStore } from "./adapters/grafeo/graph-store.ts";
import { neo4jStore } from "./adapters/neo4j/graph-store.ts";
import { s3Blobs } from "./adapters/s3/blob-store.ts";
import { webhookSender } from "./adapters/webhooks/sender.ts";
import type { Config } from "./config.ts";
import type { Ports } from "./domain/core/context.ts";
import { createAddressCheck } from "./lib/private-addresses.ts";
import type { BlobStore } from "./ports/blob-store.ts";
import type { GraphStore } from "./ports/graph-store.ts";
import { NotOpened } from "./ports/unavailable.ts";

/** The service can't start with these stores. The message is for the operator: which store, why, and what to do. */
export class StartError extends Error {}

async function openGraph({ graph, dataFolder, checkRows }: Config, logger: Pick<Logger, "error">): Promise<GraphStore> {
  if (graph.kind === "neo4j") return neo4jStore({ ...graph, checkRows, onRefused: (reason) => logger.error(reason) });
  try {
    return await grafeoStore({ path: join(dataFolder, "graph", "pedigree.grafeo"), checkRows });
  } catch (error) {
    throw error instanceof NotOpened ? new StartError(error.message, { cause: error }) : error;
  }
}

function openBlobs(config: Config): Promise<BlobStore> | BlobStore {
  return config.blobs.kind === "filesystem" ? filesystemBlobs(join(config.dataFolder, "blobs")) : s3Blobs(config.blobs);
}

/** The prefix of locations in the service's own bucket, null without one. */
function getOwnLocation({ blobs }: Config): string | null {
  return blobs.kind === "s3" ? `s3://${[blobs.bucket, blobs.prefix].filter(Boolean).join("/")}/` : null;
}

/**
 * Opens the stores that the settings name, except those given as overrides. Throws `StartError` when the embedded graph can't be opened. Neo4j is opened
 * by its first use; when it holds a graph that this build can't read, `logger` gets the reason.
 */
export async function openPorts(
  config: Config,
  overrides: Partial<Pick<Ports, "graph" | "blobs" | "newId" | "now">>,
  logger: Pick<Logger, "error">,
): Promise<Ports> {
  const { maxFileBytes, maxFiles, projectBytes, locationSchemes } = config;
  return {
    graph: overrides.graph ?? (await openGraph(config, logger)),
    blobs: overrides.blobs ?? (await openBlobs(config)),
    webhooks: webhookSender(createAddressCheck(config.webhookAllow)),
    newId: overrides.newId ?? randomUUID,
    now: overrides.now ?? Date.now,
    settings: { maxFileBytes, maxFiles, projectBytes, locationSchemes, ownLocation: getOwnLocation(config) },
  };
}
