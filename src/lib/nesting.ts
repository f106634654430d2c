/**
 * The levels of lists and objects in a value, counted up to one more than `maxLevels`. Goes level by level, so that no value is too deep for the
 * stack.
 */
export function countNesting(value: unknown, maxLevels: number): number {
  let level: unknown[] = [value];
  for (let levels = 0; ; levels++) {
    const objects = level.filter((item): item is object => typeof item === "object" && item !== null);
    if (!objects.length || levels > maxLevels) return levels;
    level = objects.flatMap((item) => Object.values(item));
  }
}
