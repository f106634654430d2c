/** Work that a process does in the background, in regular turns. */
export interface Job {
  /** Names it in logs, metrics and settings. */
  name: string;
  /** Milliseconds between two turns. A turn that would start while the last one is still running is skipped. */
  everyMs: number;
  /** Does one turn; stops early once the signal aborts. A failed turn is reported, and the next one tries again. */
  run(signal: AbortSignal): Promise<unknown>;
  /** Registers a callback that starts a turn early; returns how to unregister it. */
  onWake?(wake: () => void): () => void;
  /** Waits for what turns have left in progress; called once no further turn starts. */
  finish?(): Promise<unknown>;
}

/** Milliseconds between two checks for what has become older than `ageMs`: a tenth of that time, but between a second and an hour. */
export function checkIntervalMs(ageMs: number): number {
  return Math.min(Math.max(ageMs / 10, 1_000), 3_600_000);
}

/** Calls `work` until a batch isn't full or the signal aborts. Each call resolves with the size of its batch; resolves with their sum. */
export async function repeatWhileFull(
  batchSize: number,
  work: () => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  let total = 0;
  for (let count = batchSize; count === batchSize && !signal?.aborted; total += count) count = await work();
  return total;
}
