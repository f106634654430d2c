import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import * as v from "valibot";
import type { Job } from "../../lib/job.ts";
import { type BlobStore, ifMissing } from "../../ports/blob-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, Settings } from "../core/context.ts";

const identifyGraph = statement({ name: "identify-graph", params: { id: v.string() }, row: { id: v.string() } });
const findReferencedKeys = statement({
  name: "referenced-keys",
  params: { keys: v.array(v.string()), ownLocation: v.string() },
  row: { key: v.string() },
});

/** The object that holds the id of the graph to which the blob store belongs. */
const ownerKey = "graph.id";
const batchSize = 500;
const hourMs = 3_600_000;
/** How the service names its objects: an id after the project's prefix. Other objects are not the service's own and stay. */
const generatedKey = /\/[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

type OrphanPorts = Pick<Ports, "blobs" | "graph" | "newId" | "now"> & { settings: Pick<Settings, "ownLocation"> };

function readOwner(blobs: BlobStore): Promise<string | null> {
  return blobs.read(ownerKey).then(text).catch(ifMissing(null));
}

/**
 * Whether the blob store belongs to this graph. The first graph that asks becomes its owner for good: to any other graph, all objects would
 * look orphaned.
 */
async function isOwner({ graph, blobs, newId }: OrphanPorts): Promise<boolean> {
  const [row] = await graph.write((tx) => tx.run(identifyGraph, { id: newId() }));
  const id = row?.id ?? "";
  const owner = await readOwner(blobs);
  if (owner !== null) return owner === id;
  await blobs.write(ownerKey, Readable.from([Buffer.from(id)]), Buffer.byteLength(id));
  return (await readOwner(blobs)) === id;
}

/** Removes those of the keys that the graph doesn't reference; resolves with their number. */
async function removeUnreferenced({ graph, blobs, settings }: OrphanPorts, keys: string[]): Promise<number> {
  if (!keys.length) return 0;
  const rows = await graph.read(findReferencedKeys, { keys, ownLocation: settings.ownLocation ?? "" });
  const referenced = new Set(rows.map((row) => row.key));
  const orphaned = keys.filter((key) => !referenced.has(key));
  for (const key of orphaned) await blobs.remove(key);
  return orphaned.length;
}

/**
 * Removes objects that no blob, upload or version location references: a process that was killed after writing to the blob store, but before
 * recording it in the graph, leaves such objects. Keeps objects younger than `graceMs` plus one hour, which may still be recorded. Resolves with
 * the number of removed objects.
 */
export async function removeOrphanedObjects(
  ports: OrphanPorts,
  graceMs: number,
  signal?: AbortSignal,
): Promise<number> {
  if (!(await isOwner(ports))) return 0;
  const before = ports.now() - graceMs - hourMs;
  let removed = 0;
  let keys: string[] = [];
  for await (const { key, at } of ports.blobs.list()) {
    if (signal?.aborted) return removed;
    if (at < before && generatedKey.test(key)) keys.push(key);
    if (keys.length < batchSize) continue;
    removed += await removeUnreferenced(ports, keys);
    keys = [];
  }
  return removed + (await removeUnreferenced(ports, keys));
}

/** Once a day, because it lists the whole blob store. */
const everyMs = 24 * hourMs;

/** The job that runs `removeOrphanedObjects`. */
export function removeOrphanedObjectsJob(ports: OrphanPorts, graceMs: number): Job {
  return { name: "remove-orphaned-objects", everyMs, run: (signal) => removeOrphanedObjects(ports, graceMs, signal) };
}
