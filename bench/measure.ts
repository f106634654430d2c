/** The middle of some numbers. */
export function median(numbers: number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = Number.NaN, high = Number.NaN] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
}

/** Makes ready what is to be measured, and gives it. */
export type PreparedWork = () => () => Promise<unknown>;

async function measureTime(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/**
 * The median time of each of several works in milliseconds. They are run in turns, so that what else goes on in the machine falls on all alike;
 * the first `warmUp` turns don't count, and neither does making ready.
 */
export async function measureInterleaved<K extends string>(
  candidates: Record<K, PreparedWork>,
  turns: number,
  warmUp: number,
): Promise<Record<K, number>> {
  const names = Object.keys(candidates) as K[];
  const times = new Map<K, number[]>(names.map((name) => [name, []]));
  for (let turn = 0; turn < warmUp + turns; turn++) {
    // In another order each turn: what one leaves behind (garbage, dirty pages) would always fall on the same next one.
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + turn) % names.length] as K;
      const time = await measureTime(candidates[name]());
      if (turn >= warmUp) times.get(name)?.push(time);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(times.get(name) ?? [])])) as Record<K, number>;
}

/** Runs `count` works, `atOnce` at a time. */
export async function runConcurrently(
  count: number,
  atOnce: number,
  work: (i: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
