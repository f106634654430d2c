/** Takes a slot for a key; returns a function that gives it back, or null when none is free. */
export type TakeSlot = (key: string) => (() => void) | null;

/** Creates slots that limit what happens at the same time: `max` in all, and `maxPerKey` for one key. */
export function createSlots({ max, maxPerKey }: { max: number; maxPerKey: number }): TakeSlot {
  const taken = new Map<string, number>();
  let total = 0;
  return (key) => {
    const own = taken.get(key) ?? 0;
    if (total >= max || own >= maxPerKey) return null;
    total += 1;
    taken.set(key, own + 1);
    let isFree = false;
    return () => {
      if (isFree) return;
      isFree = true;
      total -= 1;
      const rest = (taken.get(key) ?? 1) - 1;
      if (rest) taken.set(key, rest);
      else taken.delete(key);
    };
  };
}

/** Takes a slot and gives it back when the signal aborts. False when none is free. */
export function holdSlot(takeSlot: TakeSlot, key: string, signal: AbortSignal): boolean {
  const release = takeSlot(key);
  if (!release) return false;
  signal.addEventListener("abort", release);
  if (signal.aborted) release();
  return true;
}
