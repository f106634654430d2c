import { setImmediate as nextTick, setTimeout as pause } from "node:timers/promises";

/**
 * Batches calls to `work`. While a batch runs, new calls queue for the next one, at most for `maxWaitMs`. An idle batcher waits only for calls made in the
 * same tick of the event loop. A failure rejects every call in the batch.
 */
export function batchCalls<T, R>(
  work: (items: T[]) => Promise<R>,
  maxWaitMs: number = Number.POSITIVE_INFINITY,
): (item: T) => Promise<R> {
  let queued: T[] = [];
  let next: Promise<R> | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const start = (): Promise<R> => {
    const items = queued;
    queued = [];
    next = null;
    const result = work(items);
    running = result.catch(() => undefined);
    return result;
  };
  const runningHasEnded = (): Promise<unknown> =>
    Number.isFinite(maxWaitMs) ? Promise.race([running, pause(maxWaitMs, undefined, { ref: false })]) : running;
  return (item) => {
    queued.push(item);
    next ??= runningHasEnded()
      .then(() => nextTick())
      .then(start);
    return next;
  };
}

/** Maximum milliseconds that a lookup waits for a batch that is running. */
const maxLookupWaitMs = 20;

/**
 * Batches lookups of single items. `find` looks up a whole batch and resolves with a function that returns each item's result. When a batch
 * fails, each item is looked up again alone, because another item may have caused it; errors that `isShared` recognizes reject every item at once.
 */
export function createBatchedLookup<T, R>(
  find: (items: T[]) => Promise<(item: T) => R>,
  isShared: (error: unknown) => boolean,
): (item: T) => Promise<R> {
  const findAll = batchCalls(find, maxLookupWaitMs);
  return async (item) => {
    try {
      return (await findAll(item))(item);
    } catch (error) {
      if (isShared(error)) throw error;
      return (await find([item]))(item);
    }
  };
}
