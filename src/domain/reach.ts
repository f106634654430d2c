import type { WalkDirection, WalkEdge, WalkNode } from "../ports/graph-store.ts";
import type { Deps } from "./deps.ts";
import { Refusal } from "./errors.ts";
import { distances } from "./lineage.ts";
import { type Actor, may } from "./permissions.ts";

/** What lies on one side of a version, the version itself among it. */
export interface Reach {
  nodes: WalkNode[];
  /** All recorded edges between the nodes. */
  edges: WalkEdge[];
  /** Executions crossed from the version, by id: 0 or more on either side. */
  depths: Map<string, number>;
  /** Whether this is all; else it is all up to some depth. */
  whole: boolean;
}

/** The longest way that any walk goes: its end. */
const toTheEnd = 10_000;

/** What lies on one side of a version: whole levels, nearest first, as far as about `limit` things. */
export const reachOf = async (deps: Deps, root: string, direction: WalkDirection, limit: number): Promise<Reach> => {
  const walk = await deps.graph.walk([root], direction, { depth: toTheEnd, limit, counted: "THING" });
  const depths = distances(walk, [root], direction);
  const inside = new Set(walk.nodes.map((node) => node.id));
  const edges = walk.edges.filter((edge) => inside.has(edge.from) && inside.has(edge.to));
  return { nodes: walk.nodes, edges, depths, whole: walk.next === null };
};

/** The same where only all of it will do: `TOO_COMPLEX` when there is more than `limit`. */
export const wholeReach = async (deps: Deps, root: string, direction: WalkDirection, limit: number): Promise<Reach> => {
  const reach = await reachOf(deps, root, direction, limit);
  if (reach.whole) return reach;
  const side = direction === "UPSTREAM" ? "upstream" : "downstream";
  const actual = reach.nodes.length;
  throw new Refusal("TOO_COMPLEX", `more than ${limit} things lie ${side}; ask about something smaller`, {
    limit,
    actual,
  });
};

/** The versions of a reach, but for the one that it starts from. */
export const otherVersions = ({ nodes }: Reach, root: string): WalkNode[] =>
  nodes.filter((node) => node.label === "Version" && node.id !== root);

/** Only what the actor may read. */
export const readableNodes = (actor: Actor, nodes: WalkNode[]): WalkNode[] =>
  nodes.filter((node) => may(actor, "project:read", node.project));
