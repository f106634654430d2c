import * as v from "valibot";
import { checkIntervalMs, type Job } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { subtractBytes } from "./quotas.ts";

const findUnusedBlobs = statement({
  name: "find-unused-blobs",
  params: { before: v.number(), limit: v.number() },
  row: { id: v.string() },
});
const sweepBlobs = statement({
  name: "sweep-blobs",
  params: { ids: v.array(v.string()), by: v.string(), before: v.number(), now: v.number() },
  row: { project: v.string(), size: v.number() },
});
const findSweptBlobs = statement({
  name: "find-swept-blobs",
  params: { limit: v.number() },
  row: { id: v.string(), key: v.string() },
});
const markBytesRemoved = statement({
  name: "mark-bytes-removed",
  params: { swept: v.array(v.object({ id: v.string(), key: v.string() })), now: v.number() },
  row: {},
});

const batchSize = 100;

type GarbagePorts = Pick<Ports, "blobs" | "graph" | "newId" | "now">;

/** Marks a batch of unused contents as swept, each under its lock. Resolves with their number. */
async function sweepBatch({ graph, newId, now }: GarbagePorts, graceMs: number): Promise<number> {
  const before = now() - graceMs;
  const ids = (await graph.read(findUnusedBlobs, { before, limit: batchSize })).map((row) => row.id).sort();
  if (!ids.length) return 0;
  return graph.write(async (tx) => {
    const swept = await tx.run(sweepBlobs, { ids, by: newId(), before, now: now() });
    await subtractBytes(newId(), tx.run, swept);
    return swept.length;
  });
}

/** Removes the bytes of a batch of swept contents, including those of an interrupted run. Resolves with their number. */
async function removeBatch({ graph, blobs, now }: GarbagePorts): Promise<number> {
  const swept = await graph.read(findSweptBlobs, { limit: batchSize });
  for (const { key } of swept) await blobs.remove(key);
  if (swept.length) await graph.write((tx) => tx.run(markBytesRemoved, { swept, now: now() }));
  return swept.length;
}

/**
 * Deletes contents that no version refers to and that nobody stored or logged for `graceMs`; resolves with their number. A content is marked as
 * swept before its bytes are removed, under the lock that logging a version takes too, so a content that is being logged is never deleted.
 */
export async function collectGarbage(ports: GarbagePorts, graceMs: number, signal?: AbortSignal): Promise<number> {
  let total = 0;
  for (let hasMore = true; hasMore && !signal?.aborted; ) {
    const swept = await sweepBatch(ports, graceMs);
    const removed = await removeBatch(ports);
    total += removed;
    hasMore = swept > 0 || removed === batchSize;
  }
  return total;
}

/** The job that runs `collectGarbage`. */
export function collectGarbageJob(ports: GarbagePorts, graceMs: number): Job {
  return {
    name: "collect-garbage",
    everyMs: checkIntervalMs(graceMs),
    run: (signal) => collectGarbage(ports, graceMs, signal),
  };
}
