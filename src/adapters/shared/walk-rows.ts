import * as v from "valibot";
import type { Walk, WalkEdge, WalkJoin, WalkNode } from "../../ports/graph-store.ts";

/** A node of a walk with the key by which it is ordered and joined: its id, or the key of an artifact. */
export interface KeyedNode extends WalkNode {
  key: string;
}

/** The columns of an edge, as both engines return it. */
export const edgeRow = {
  from: v.string(),
  to: v.string(),
  type: v.picklist(["CONSUMED_BY", "PRODUCED"]),
  slot: v.string(),
  role: v.string(),
};

/** An edge as both engines return it, with the type that it has in the graph. */
export type WalkEdgeRow = { [Column in keyof typeof edgeRow]: v.InferOutput<(typeof edgeRow)[Column]> };

/** The edge of a row. */
export function toEdge({ from, to, type, slot, role }: WalkEdgeRow): WalkEdge {
  return {
    from,
    to,
    kind: type === "PRODUCED" ? "PRODUCED" : "CONSUMED",
    slot,
    role,
  };
}

function compareNearness(a: KeyedNode, b: KeyedNode): number {
  return (
    Math.abs(a.depth) - Math.abs(b.depth) ||
    Number(a.artifactKey !== null) - Number(b.artifactKey !== null) ||
    (a.key < b.key ? -1 : 1)
  );
}

/** At most `limit` nodes in the order of all walks: nearest first, executions before versions, then by key. */
export function takeNearest(nodes: KeyedNode[], limit: number): KeyedNode[] {
  return [...nodes].sort(compareNearness).slice(0, limit);
}

/** The walk that shows these nodes, without edges and joins that lead elsewhere. Joins refer to nodes by key; in the walk, by id. */
export function toWalk(nodes: KeyedNode[], edges: WalkEdge[], joins: WalkJoin[], levels: Walk["levels"]): Walk {
  const ids = new Map(nodes.map(({ id, key }) => [key, id]));
  const toIds = (keys: string[]) => keys.flatMap((key) => ids.get(key) ?? []);
  return {
    nodes: nodes.map(({ id, project, artifactKey, depth, values }) => ({ id, project, artifactKey, depth, values })),
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    joins: joins.map(({ inputs, outputs }) => ({ inputs: toIds(inputs), outputs: toIds(outputs) })),
    levels,
  };
}
