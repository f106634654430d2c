/** Runs `work` when its turn comes: at once while few others are running, else in the order of the calls. */
export type Semaphore = <T>(work: () => Promise<T>) => Promise<T>;

/** Bounds of the queue in front of a semaphore: a call that finds it full, or waits too long in it, rejects with `refusal` and its work never runs. */
export interface QueueBounds {
  maxWaiting: number;
  maxWaitMs: number;
  refusal: () => Error;
}

function waitInLine(waiting: (() => void)[], bounds: QueueBounds | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!bounds) return void waiting.push(resolve);
    const { maxWaiting, maxWaitMs, refusal } = bounds;
    if (waiting.length >= maxWaiting) return reject(refusal());
    const begin = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(begin), 1);
      reject(refusal());
    }, maxWaitMs);
    waiting.push(begin);
  });
}

/** Creates a semaphore that lets `maxRunning` works run at the same time. Without bounds, any number may wait for as long as it takes. */
export function createSemaphore(maxRunning: number, bounds?: QueueBounds): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running < maxRunning) running += 1;
    // A work that ends hands its turn to the next one directly, so that no other call can take it.
    else await waitInLine(waiting, bounds);
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
