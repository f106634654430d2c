import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";

/**
 * Does what is asked for in batches, one at a time: each takes all that came while the one before was under way, but waits for that no longer than
 * `patience` milliseconds. Whoever asks alone waits only for those whose requests came in the same turn of the event loop. What fails fails for the
 * whole batch.
 */
export function batchCalls<T, R>(
  work: (items: T[]) => Promise<R>,
  patience: number = Number.POSITIVE_INFINITY,
): (item: T) => Promise<R> {
  let waiting: T[] = [];
  let next: Promise<R> | null = null;
  let running: Promise<unknown> = Promise.resolve();
  const begin = (): Promise<R> => {
    const items = waiting;
    waiting = [];
    next = null;
    const done = work(items);
    running = done.catch(() => undefined);
    return done;
  };
  const runningIsOver = (): Promise<unknown> =>
    Number.isFinite(patience) ? Promise.race([running, pause(patience, undefined, { ref: false })]) : running;
  return (item) => {
    waiting.push(item);
    next ??= runningIsOver()
      .then(() => nextTurn())
      .then(begin);
    return next;
  };
}

/** Milliseconds for which those who look something up may be held up by others who do. */
const maxWaitMs = 20;

/**
 * Batches lookups of single items. `find` looks up a whole batch and resolves with a function that gives each item its result. When a batch
 * fails, each item is looked up again alone, because another item may have caused it; errors that `isShared` recognizes reject every item at once.
 */
export function createBatchedLookup<T, R>(
  find: (items: T[]) => Promise<(item: T) => R>,
  isShared: (error: unknown) => boolean,
): (item: T) => Promise<R> {
  const findAll = batchCalls(find, maxWaitMs);
  return async (item) => {
    try {
      return (await findAll(item))(item);
    } catch (error) {
      if (isShared(error)) throw error;
      return (await find([item]))(item);
    }
  };
}
