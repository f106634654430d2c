import type { WalkEdge, WalkNode } from "../../ports/graph-store.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { type Actor, may } from "../core/permissions.ts";

/** What lies on one side of a version, the version itself among it. */
export interface Closure {
  nodes: WalkNode[];
  /** All recorded edges between the nodes. */
  edges: WalkEdge[];
  /** Executions crossed from the version, by id: 0 or more on either side. */
  depths: Map<string, number>;
  /** All that lies as far as this is among the nodes: infinity when they are all. */
  completeToDepth: number;
  /** How many nodes are known to lie there, at least. */
  minCount: number;
}

const everything = { shown: "EXECUTION", showIf: null, stopIf: null, params: {} } as const;

/** What lies on one side of a version, nearest first, as far as `limit` things. */
export async function findClosure(
  ports: Pick<Ports, "graph">,
  root: string,
  direction: "UPSTREAM" | "DOWNSTREAM",
  limit: number,
): Promise<Closure> {
  // Whoever crosses more executions than there may be things has met more things than that.
  const [walk] = await ports.graph.walk([[root]], { ...everything, depth: limit, direction, limit });
  const { nodes = [], edges = [], levels = [] } = walk ?? {};
  const inside = new Set(nodes.map(({ id }) => id));
  const farthest = Math.abs(nodes.at(-1)?.depth ?? 0);
  const atFarthest = nodes.filter(({ depth }) => Math.abs(depth) === farthest).length;
  const isWhole = levels.some(({ depth, count }) => Math.abs(depth) === farthest && count === atFarthest);
  return {
    nodes,
    edges: edges.filter(({ from, to }) => inside.has(from) && inside.has(to)),
    depths: new Map(nodes.map(({ id, depth }) => [id, Math.abs(depth)])),
    completeToDepth: levels.length ? farthest - (isWhole ? 0 : 1) : Number.POSITIVE_INFINITY,
    minCount: Math.max(
      nodes.length,
      levels.reduce((sum, { count }) => sum + count, 0),
    ),
  };
}

/** Whether a node is a version. */
export function isVersionNode({ artifactKey }: WalkNode): boolean {
  return artifactKey !== null;
}

/** The same where only all of it will do: `TOO_COMPLEX` when there is more than `limit`. */
export async function findCompleteClosure(
  ports: Pick<Ports, "graph">,
  root: string,
  direction: "UPSTREAM" | "DOWNSTREAM",
  limit: number,
): Promise<Closure> {
  const reach = await findClosure(ports, root, direction, limit);
  if (reach.completeToDepth === Number.POSITIVE_INFINITY) return reach;
  const side = direction === "UPSTREAM" ? "upstream" : "downstream";
  const actual = reach.minCount;
  throw new DomainError("TOO_COMPLEX", `more than ${limit} things lie ${side}; ask about something smaller`, {
    limit,
    actual,
  });
}

/** The versions of a reach, but for the one that it starts from. */
export function toOtherVersions({ nodes }: Closure, root: string): WalkNode[] {
  return nodes.filter((node) => isVersionNode(node) && node.id !== root);
}

/** Only what the actor may read. */
export function filterReadable(actor: Actor, nodes: WalkNode[]): WalkNode[] {
  return nodes.filter((node) => may(actor, "project:read", node.project));
}
