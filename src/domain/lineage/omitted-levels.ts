import type { OmittedLevel } from "../../model/lineage.ts";
import type { Walk } from "../../ports/graph-store.ts";

interface Level {
  depth: number;
  count: number;
}

/** How many nodes of each level the walk left out, nearest level first; complete levels are absent. */
function countOmitted({ nodes, levels }: Walk): Level[] {
  const shown = new Map<number, number>();
  for (const { depth } of nodes) shown.set(depth, (shown.get(depth) ?? 0) + 1);
  return levels
    .map(({ depth, count }) => ({ depth, count: count - (shown.get(depth) ?? 0) }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => Math.abs(a.depth) - Math.abs(b.depth));
}

/**
 * For upstream and downstream each: the first incomplete level with the number of omitted nodes, then the next non-empty level without a
 * number. The roots' own level belongs to both sides.
 */
export function toOmittedLevels(walk: Walk): OmittedLevel[] {
  const omitted = countOmitted(walk);
  const onSide = (sign: 1 | -1): OmittedLevel[] => {
    const [first, next] = omitted.filter(({ depth }) => depth === 0 || Math.sign(depth) === sign);
    return [...(first ? [first] : []), ...(next ? [{ depth: next.depth, count: null }] : [])];
  };
  const levels = [...onSide(-1), ...onSide(1)];
  return levels.filter((level, i) => levels.findIndex(({ depth }) => depth === level.depth) === i);
}
