/** Runs a work when its turn comes: at once while few are running, else after those that asked before. */
export type Semaphore = <T>(work: () => Promise<T>) => Promise<T>;

/** Lets `most` works run at once; the others wait in the order in which they came. */
export function createSemaphore(most: number): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < most) running += 1;
    // Whoever ends hands its place on, so that nobody slips in between.
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
