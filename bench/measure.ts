/** The median; NaN without numbers. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Prepares one run, outside the measured time, and returns it. */
export type PreparedWork = () => () => Promise<unknown>;

async function measureTime(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * The median time of each candidate in milliseconds. Candidates run alternately, so that other load on the machine affects all alike. The first `warmUp`
 * rounds and the preparation don't count.
 */
export async function measureInterleaved<K extends string>(
  candidates: Record<K, PreparedWork>,
  rounds: number,
  warmUp: number,
): Promise<Record<K, number>> {
  const names = Object.keys(candidates) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < warmUp + rounds; round++) {
    // The order changes each round, because what one leaves behind (garbage, dirty pages) would always slow down the same next one.
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as K;
      const time = await measureTime(candidates[name]());
      if (round >= warmUp) times.get(name)?.push(time);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}

/** Calls `work` with 0 to `count - 1`, at most `concurrency` calls at a time. */
export async function runConcurrently(
  count: number,
  concurrency: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
