import type { OmittedLevel } from "../../model/lineage.ts";
import type { Walk } from "../../ports/graph-store.ts";

type Level = { depth: number; count: number };

/** What is left out of each level. */
function leftOf({ nodes, levels }: Walk): Level[] {
  const shown = new Map<number, number>();
  for (const { depth } of nodes) shown.set(depth, (shown.get(depth) ?? 0) + 1);
  return levels
    .map(({ depth, count }) => ({ depth, count: count - (shown.get(depth) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => Math.abs(a.depth) - Math.abs(b.depth));
}

/**
 * On each side the first level that isn't wholly shown, with how much is left out of it; then the next that holds anything, uncounted. The roots'
 * own level belongs to both sides.
 */
export function toOmittedLevels(walk: Walk): OmittedLevel[] {
  const left = leftOf(walk);
  const on = (sign: 1 | -1): OmittedLevel[] => {
    const [first, next] = left.filter(({ depth }) => depth === 0 || Math.sign(depth) === sign);
    return [...(first ? [first] : []), ...(next ? [{ depth: next.depth, count: null }] : [])];
  };
  const levels = [...on(-1), ...on(1)];
  return levels.filter((level, i) => levels.findIndex(({ depth }) => depth === level.depth) === i);
}
