import { oftenEnough, type PeriodicTask, startPeriodicTask } from "../../lib/periodic-task.ts";
import { statement } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import { removeOrphanedObjects } from "./orphaned-objects.ts";
import { releaseBytes } from "./quotas.ts";

const unusedBlobs = statement<{ before: number; limit: number }, { id: string }>("unused-blobs");
const sweepBlobs = statement<
  { ids: string[]; by: string; before: number; now: number },
  { project: string; size: number }
>("sweep-blobs");
const sweptBlobs = statement<{ limit: number }, { id: string; key: string }>("swept-blobs");
const forgetBytes = statement<{ swept: { id: string; key: string }[]; now: number }, never>("forget-bytes");

const batch = 100;

type SweepDeps = Pick<Deps, "graph" | "blobs" | "newId" | "now">;

/** Marks a batch of what nobody refers to, each under its lock; says how many. */
async function mark({ graph, newId, now }: SweepDeps, grace: number): Promise<number> {
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
async function remove({ graph, blobs, now }: SweepDeps): Promise<number> {
  const swept = await graph.read(sweptBlobs, { limit: batch });
  for (const { key } of swept) await blobs.remove(key);
  if (swept.length) await graph.write((tx) => tx.run(forgetBytes, { swept, now: now() }));
  return swept.length;
}

/**
 * Removes bytes that no version refers to and that nobody touched for `grace` milliseconds; says how many contents went. Each is marked
 * under its lock first and then removed from the store: logging a version takes the same lock, so a sweep never takes what is being logged.
 */
export async function collectGarbage(deps: SweepDeps, grace: number, signal?: AbortSignal): Promise<number> {
  let swept = 0;
  for (let some = true; some && !signal?.aborted; ) {
    const marked = await mark(deps, grace);
    const removed = await remove(deps);
    swept += removed;
    some = marked > 0 || removed === batch;
  }
  return swept;
}

const day = 24 * 3_600_000;

/** Sweeps from time to time; `onError` hears of failures, and the next turn tries again. */
export function startSweeping(deps: Deps, grace: number, onError: (error: unknown) => void): PeriodicTask[] {
  return [
    startPeriodicTask(oftenEnough(grace), (signal) => collectGarbage(deps, grace, signal), onError),
    // The whole store is listed for it.
    startPeriodicTask(day, (signal) => removeOrphanedObjects(deps, grace, signal), onError),
  ];
}
