import type { WalkEdge, WalkNode } from "../../ports/graph-store.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { type Actor, may } from "../core/permissions.ts";

/** The versions and executions upstream or downstream of a version, including the version itself. */
export interface Closure {
  nodes: WalkNode[];
  /** All recorded edges between the nodes. */
  edges: WalkEdge[];
  /** The number of executions between the version and each node, by id; never negative. */
  depths: Map<string, number>;
  /** `nodes` contains everything up to this depth; infinity when nothing was left out. */
  completeToDepth: number;
  /** At least this many nodes exist. */
  minCount: number;
}

const showEverything = { shown: "EXECUTION", showIf: null, stopIf: null, params: {} } as const;

/** Finds up to `limit` versions and executions upstream or downstream of a version, nearest first. */
export async function findClosure(
  ports: Pick<Ports, "graph">,
  root: string,
  direction: "UPSTREAM" | "DOWNSTREAM",
  limit: number,
): Promise<Closure> {
  // Each level holds at least one node, so a depth of `limit` never cuts a walk that stays within the limit.
  const [walk] = await ports.graph.walk([[root]], { ...showEverything, depth: limit, direction, limit });
  const { nodes = [], edges = [], levels = [] } = walk ?? {};
  const ids = new Set(nodes.map(({ id }) => id));
  const lastDepth = Math.abs(nodes.at(-1)?.depth ?? 0);
  const shownAtLastDepth = nodes.filter(({ depth }) => Math.abs(depth) === lastDepth).length;
  const isLastDepthComplete = levels.some(
    ({ depth, count }) => Math.abs(depth) === lastDepth && count === shownAtLastDepth,
  );
  return {
    nodes,
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
    depths: new Map(nodes.map(({ id, depth }) => [id, Math.abs(depth)])),
    completeToDepth: levels.length ? lastDepth - (isLastDepthComplete ? 0 : 1) : Number.POSITIVE_INFINITY,
    minCount: Math.max(
      nodes.length,
      levels.reduce((sum, { count }) => sum + count, 0),
    ),
  };
}

/** Like `findClosure`, but never partial: throws `TOO_COMPLEX` when there are more than `limit` nodes. */
export async function findCompleteClosure(
  ports: Pick<Ports, "graph">,
  root: string,
  direction: "UPSTREAM" | "DOWNSTREAM",
  limit: number,
): Promise<Closure> {
  const closure = await findClosure(ports, root, direction, limit);
  if (closure.completeToDepth === Number.POSITIVE_INFINITY) return closure;
  const side = direction === "UPSTREAM" ? "upstream" : "downstream";
  const message = `more than ${limit} versions and executions are ${side} of version ${root}; query a version with a smaller lineage`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual: closure.minCount });
}

/** Whether a node is a version, not a run or step. */
export function isVersionNode({ artifactKey }: WalkNode): boolean {
  return artifactKey !== null;
}

/** The versions of a closure without its root. */
export function toOtherVersions({ nodes }: Closure, root: string): WalkNode[] {
  return nodes.filter((node) => isVersionNode(node) && node.id !== root);
}

/** The nodes that the actor may read. */
export function filterReadable(actor: Actor, nodes: WalkNode[]): WalkNode[] {
  return nodes.filter((node) => may(actor, "project:read", node.project));
}
