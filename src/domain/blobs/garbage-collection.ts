import { checkIntervalMs, type Job } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { releaseBytes } from "./quotas.ts";

const unusedBlobs = statement<{ before: number; limit: number }, { id: string }>("find-unused-blobs");
const sweepBlobs = statement<
  { ids: string[]; by: string; before: number; now: number },
  { project: string; size: number }
>("sweep-blobs");
const sweptBlobs = statement<{ limit: number }, { id: string; key: string }>("find-swept-blobs");
const forgetBytes = statement<{ swept: { id: string; key: string }[]; now: number }, never>("mark-bytes-removed");

const batch = 100;

/** Marks a batch of what nobody refers to, each under its lock; says how many. */
async function mark({ graph, newId, now }: Pick<Ports, "graph" | "newId" | "now">, grace: number): Promise<number> {
  const before = now() - grace;
  const ids = (await graph.read(unusedBlobs, { before, limit: batch })).map((row) => row.id).sort();
  if (!ids.length) return 0;
  return graph.write(async (tx) => {
    const swept = await tx.run(sweepBlobs, { ids, by: newId(), before, now: now() });
    await releaseBytes(newId(), tx.run, swept);
    return swept.length;
  });
}

/** Removes the bytes of a batch of what is marked, also by a sweep that was cut off; says how many. */
async function remove({ graph, blobs, now }: Pick<Ports, "blobs" | "graph" | "now">): Promise<number> {
  const swept = await graph.read(sweptBlobs, { limit: batch });
  for (const { key } of swept) await blobs.remove(key);
  if (swept.length) await graph.write((tx) => tx.run(forgetBytes, { swept, now: now() }));
  return swept.length;
}

/**
 * Removes bytes that no version refers to and that nobody touched for `grace` milliseconds; says how many contents went. Each is marked
 * under its lock first and then removed from the store: logging a version takes the same lock, so a sweep never takes what is being logged.
 */
export async function collectGarbage(
  ports: Pick<Ports, "blobs" | "graph" | "newId" | "now">,
  grace: number,
  signal?: AbortSignal,
): Promise<number> {
  let swept = 0;
  for (let some = true; some && !signal?.aborted; ) {
    const marked = await mark(ports, grace);
    const removed = await remove(ports);
    swept += removed;
    some = marked > 0 || removed === batch;
  }
  return swept;
}

/** The job that deletes contents which no version has referred to for `grace` milliseconds. */
export function collectGarbageJob(ports: Pick<Ports, "blobs" | "graph" | "newId" | "now">, grace: number): Job {
  return {
    name: "collect-garbage",
    everyMs: checkIntervalMs(grace),
    run: (signal) => collectGarbage(ports, grace, signal),
  };
}
