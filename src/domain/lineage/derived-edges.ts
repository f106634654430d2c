import type { WalkJoin } from "../../ports/graph-store.ts";

/** An edge between two versions, or two artifacts, that an execution connects: `to` was made from `from`. */
export interface DerivedEdge {
  from: string;
  to: string;
}

/**
 * The distinct derived edges of these executions, ordered by `from` and `to`. Stops after `limit` edges, because an execution with thousands of
 * inputs and outputs stands for millions of edges.
 */
export function toDerivedEdges(joins: WalkJoin[], limit: number): DerivedEdge[] {
  const joinsByInput = new Map<string, WalkJoin[]>();
  for (const join of joins) {
    if (!join.outputs.length) continue;
    for (const from of join.inputs) {
      const known = joinsByInput.get(from);
      if (known) known.push(join);
      else joinsByInput.set(from, [join]);
    }
  }
  const edges: DerivedEdge[] = [];
  for (const from of [...joinsByInput.keys()].sort()) {
    const outputs = new Set((joinsByInput.get(from) ?? []).flatMap((join) => join.outputs));
    for (const to of [...outputs].sort()) edges.push({ from, to });
    if (edges.length >= limit) break;
  }
  return edges.slice(0, limit);
}
