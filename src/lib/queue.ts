import type { Semaphore } from "./semaphore.ts";

/** How many works run at once, how many more may wait, and for how long. */
export interface QueueLimits {
  running: number;
  waiting: number;
  waitMs: number;
}

/** Like a semaphore, but what finds too many waiting, or waits too long, fails with `refusal` and is never run. */
export function createQueue(max: QueueLimits, refusal: () => Error): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;
  const turn = () =>
    new Promise<void>((resolve, reject) => {
      if (waiting.length >= max.waiting) return reject(refusal());
      const begin = () => {
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(begin), 1);
        reject(refusal());
      }, max.waitMs);
      waiting.push(begin);
    });
  return async (work) => {
    if (running < max.running) running += 1;
    // A work that ends hands its place to the next one, so that no newcomer takes it.
    else await turn();
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };
}
