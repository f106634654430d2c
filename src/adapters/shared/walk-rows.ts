import type { Walk, WalkEdge, WalkJoin, WalkNode } from "../../ports/graph-store.ts";

/** A node of a walk with what it is ordered, and joined, by: its id, or the key of an artifact. */
export interface KeyedNode extends WalkNode {
  key: string;
}

/** An edge as both engines return it. */
export interface WalkEdgeRow {
  from: string;
  to: string;
  type: string;
  slot: string;
  role: string;
}

/** The edge of a row, by its type in the graph. */
export function toEdge({ from, to, type, slot, role }: WalkEdgeRow): WalkEdge {
  return {
    from,
    to,
    kind: type === "PRODUCED" ? "PRODUCED" : "CONSUMED",
    slot,
    role,
  };
}

function byNearness(a: KeyedNode, b: KeyedNode): number {
  return (
    Math.abs(a.depth) - Math.abs(b.depth) ||
    Number(a.artifactKey !== null) - Number(b.artifactKey !== null) ||
    (a.key < b.key ? -1 : 1)
  );
}

/** The first so many in the order of all walks: nearest first, executions before versions, then by key. */
export function nearest(nodes: KeyedNode[], limit: number): KeyedNode[] {
  return [...nodes].sort(byNearness).slice(0, limit);
}

/** The walk that shows these nodes; edges and joins that lead elsewhere are left out, joins told by ids. */
export function toWalk(nodes: KeyedNode[], edges: WalkEdge[], joins: WalkJoin[], levels: Walk["levels"]): Walk {
  const ids = new Map(nodes.map(({ id, key }) => [key, id]));
  const shown = (keys: string[]) => keys.flatMap((key) => ids.get(key) ?? []);
  return {
    nodes: nodes.map(({ id, project, artifactKey, depth, values }) => ({ id, project, artifactKey, depth, values })),
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    joins: joins.map(({ inputs, outputs }) => ({ inputs: shown(inputs), outputs: shown(outputs) })),
    levels,
  };
}
