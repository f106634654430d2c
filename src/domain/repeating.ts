/** How often to look for what has become older than `age` milliseconds: ten times in that time, at most once a second, at least once an hour. */
export const oftenEnough = (age: number): number => Math.min(Math.max(age / 10, 1_000), 3_600_000);

/** Works every so many milliseconds, one turn after the other, until the answer is called; `onError` hears of failures, and the next turn tries again. */
export const startRepeating = (
  every: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  onError: (error: unknown) => void,
): (() => Promise<void>) => {
  const stopped = new AbortController();
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = running.then(() => stopped.signal.aborted || work(stopped.signal)).catch(onError);
  }, every);
  return async () => {
    clearInterval(timer);
    stopped.abort();
    await running;
  };
};
