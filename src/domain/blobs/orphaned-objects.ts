import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { Job } from "../../lib/job.ts";
import { type BlobStore, ifMissing } from "../../ports/blob-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, Settings } from "../core/context.ts";

const identify = statement<{ id: string }, { id: string }>("identify-graph");
const knownKeys = statement<{ keys: string[]; own: string }, { key: string }>("referenced-keys");

/** Where the store says whose it is. */
const owner = "graph.id";
const batch = 500;
const hour = 3_600_000;
/** What the service itself names its objects: an id after the project's prefix. All else was put there by others, and stays. */
const ours = /\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

type OwnLocation = { settings: Pick<Settings, "ownLocation"> };

function readOwner(blobs: BlobStore): Promise<string | null> {
  return blobs.read(owner).then(text).catch(ifMissing(null));
}

/** Whether the store belongs to this graph: the first graph to ask has it for good. Another graph's objects are unknown here, and no leftovers. */
async function isOwn({ graph, blobs, newId }: Pick<Ports, "blobs" | "graph" | "newId">): Promise<boolean> {
  const [row] = await graph.write((tx) => tx.run(identify, { id: newId() }));
  const id = row?.id ?? "";
  const found = await readOwner(blobs);
  if (found !== null) return found === id;
  await blobs.write(owner, Readable.from([Buffer.from(id)]), Buffer.byteLength(id));
  return (await readOwner(blobs)) === id;
}

async function removeUnknown(ports: Pick<Ports, "blobs" | "graph"> & OwnLocation, keys: string[]): Promise<number> {
  if (!keys.length) return 0;
  const params = { keys, own: ports.settings.ownLocation ?? "" };
  const known = new Set((await ports.graph.read(knownKeys, params)).map((row) => row.key));
  const unknown = keys.filter((key) => !known.has(key));
  for (const key of unknown) await ports.blobs.remove(key);
  return unknown.length;
}

/**
 * Removes objects that no blob, upload or location of a version names: what a writer left that was killed between the store and the graph.
 * They must be older than `grace` (milliseconds) and an hour: a writer needs some time between the two. Says how many went.
 */
export async function removeOrphanedObjects(
  ports: Pick<Ports, "blobs" | "graph" | "newId" | "now"> & OwnLocation,
  grace: number,
  signal?: AbortSignal,
): Promise<number> {
  if (!(await isOwn(ports))) return 0;
  const before = ports.now() - grace - hour;
  let removed = 0;
  let keys: string[] = [];
  for await (const { key, at } of ports.blobs.list()) {
    if (signal?.aborted) return removed;
    if (at < before && ours.test(key)) keys.push(key);
    if (keys.length < batch) continue;
    removed += await removeUnknown(ports, keys);
    keys = [];
  }
  return removed + (await removeUnknown(ports, keys));
}

/** Once a day, because it lists the whole store. */
const everyMs = 24 * hour;

/** The job that deletes orphaned objects. */
export function removeOrphanedObjectsJob(
  ports: Pick<Ports, "blobs" | "graph" | "newId" | "now"> & OwnLocation,
  grace: number,
): Job {
  return { name: "remove-orphaned-objects", everyMs, run: (signal) => removeOrphanedObjects(ports, grace, signal) };
}
