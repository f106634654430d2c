/** Runs `work` when its turn comes: at once while few others are running, else in the order of the calls. */
export type Semaphore = <T>(work: () => Promise<T>) => Promise<T>;

/** Creates a semaphore that lets `maxRunning` works run at the same time. */
export function createSemaphore(maxRunning: number): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < maxRunning) running += 1;
    // A work that ends hands its turn to the next one directly, so that no other call can take it.
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
