/** How often to look for what has become older than `age` milliseconds: ten times in that time, at most once a second, at least once an hour. */
export function oftenEnough(age: number): number {
  return Math.min(Math.max(age / 10, 1_000), 3_600_000);
}

/** Work that is done again and again. */
export interface PeriodicTask {
  /** Works now rather than at the next turn, unless it is at work. */
  wake(): void;
  /** Ends it: tells the work through its signal, and resolves when that is done. */
  stop(): Promise<void>;
}

/**
 * Works every so many milliseconds, one turn at a time: a turn that would begin while another is at work is left out. `onError` hears of failures,
 * and the next turn tries again.
 */
export function startPeriodicTask(
  every: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  onError: (error: unknown) => void,
): PeriodicTask {
  const stopped = new AbortController();
  let running: Promise<unknown> | null = null;
  const wake = () => {
    if (stopped.signal.aborted) return;
    running ??= work(stopped.signal)
      .catch(onError)
      .finally(() => {
        running = null;
      });
  };
  const timer = setInterval(wake, every);
  return {
    wake,
    async stop() {
      clearInterval(timer);
      stopped.abort();
      await running;
    },
  };
}

/** Works batch by batch until one isn't full, or the signal aborts; says how many there were in all. `work` says how many there were in its batch. */
export async function repeatWhileFull(
  size: number,
  work: () => Promise<number>,
  signal?: AbortSignal,
): Promise<number> {
  let all = 0;
  for (let done = size; done === size && !signal?.aborted; all += done) done = await work();
  return all;
}
