import * as v from "valibot";
import { fillTemplate } from "../../lib/cypher-files.ts";
import type { GraphStore, WalkBounds } from "../../ports/graph-store.ts";
import { builtStatement, nullable, type Params, statement } from "../../ports/statement.ts";
import { edgeRow, type KeyedNode } from "../shared/walk-rows.ts";

type Read = GraphStore["read"];

const idParams = { ids: v.array(v.string()) };
const hopParams = { ...idParams, asOf: v.nullable(v.number()) };
const nodeRow = { id: v.string(), project: v.string(), artifactKey: nullable(v.string()) };
const hopRow = { ...edgeRow, ...nodeRow };
type NodeRow = v.InferOutput<v.ObjectSchema<typeof nodeRow, undefined>>;

const findRoots = statement({ name: "walk/grafeo-roots", params: idParams, row: nodeRow });
const findUpstream = statement({ name: "walk/grafeo-upstream", params: hopParams, row: hopRow });
/** One hop downstream: edges with the nodes that they lead to. */
export const findDownstream = statement({ name: "walk/grafeo-downstream", params: hopParams, row: hopRow });

type Side = "UPSTREAM" | "DOWNSTREAM";

/** One side of a walk: what it has seen, and the nodes from which it goes on. */
interface SideState {
  side: Side;
  seen: Set<string>;
  frontier: string[];
}

function startSides({ direction }: WalkBounds, roots: NodeRow[]): SideState[] {
  // Downstream comes first: a node as near on both sides counts as downstream.
  const sides: Side[] = direction === "BOTH" ? ["DOWNSTREAM", "UPSTREAM"] : [direction];
  return sides.map((side) => ({
    side,
    seen: new Set(roots.map(({ id }) => id)),
    frontier: roots.map(({ id }) => id),
  }));
}

const matchRow = { id: v.string() };

/** The ids of the nodes that fulfill a condition, a Cypher expression on `item`. */
async function findMatching(read: Read, condition: string, params: Params, nodes: NodeRow[]): Promise<Set<string>> {
  if (!nodes.length) return new Set();
  const name = "walk/grafeo-matching";
  const statement = builtStatement(name, fillTemplate(name, { condition }), matchRow);
  const rows = await read(statement, { ...params, ids: nodes.map(({ id }) => id) });
  return new Set(rows.map(({ id }) => id));
}

/** Takes one hop on a side; resolves with the nodes that it had not seen. The frontier becomes those of them at which the walk doesn't stop. */
async function takeHop(read: Read, state: SideState, { stopIf, params, asOf = null }: WalkBounds): Promise<NodeRow[]> {
  if (!state.frontier.length) return [];
  const statement = state.side === "UPSTREAM" ? findUpstream : findDownstream;
  const fresh = new Map<string, NodeRow>();
  for (const { id, project, artifactKey } of await read(statement, { ids: state.frontier, asOf })) {
    if (!state.seen.has(id)) fresh.set(id, { id, project, artifactKey });
  }
  const nodes = [...fresh.values()];
  for (const { id } of nodes) state.seen.add(id);
  const stopped = stopIf === null ? new Set() : await findMatching(read, stopIf, { ...params, asOf }, nodes);
  state.frontier = nodes.flatMap(({ id }) => (stopped.has(id) ? [] : [id]));
  return nodes;
}

/** Whether the walk may end: the limit is exceeded, and on each side that goes on two further levels hold a node. */
function isComplete(reached: KeyedNode[], sides: SideState[], limit: number): boolean {
  const firstOmitted = reached[limit];
  if (!firstOmitted) return false;
  const levels = new Set(reached.map(({ depth }) => depth));
  const further = [...levels].filter((depth) => Math.abs(depth) > Math.abs(firstOmitted.depth));
  const countOn = (sign: number) => further.filter((depth) => Math.sign(depth) === sign).length;
  return sides.every(({ frontier, side }) => !frontier.length || countOn(side === "UPSTREAM" ? -1 : 1) >= 2);
}

const everything = { has: () => true };

/**
 * The versions and executions that a walk reaches and shows. `key` is the id, or at granularity ARTIFACT the artifact's key. It goes level by level
 * and keeps the visited sets here: Grafeo enumerates paths for anything but plain reachability, and can't cancel a running statement. At granularity
 * EXECUTION it ends once the limit is exceeded; the joins at other granularities need the whole walk.
 */
export async function explore(read: Read, roots: string[], bounds: WalkBounds): Promise<KeyedNode[]> {
  const { showIf, params, shown, asOf = null } = bounds;
  const known = new Set<string>();
  const reached: KeyedNode[] = [];
  const add = (nodes: NodeRow[], depth: number, visible: { has(id: string): boolean }): void => {
    for (const node of nodes) {
      if (known.has(node.id)) continue;
      known.add(node.id);
      const key = shown === "ARTIFACT" ? (node.artifactKey ?? node.id) : node.id;
      if (visible.has(node.id)) reached.push({ ...node, key, depth });
    }
  };
  const start = await read(findRoots, { ids: roots });
  add(start, 0, everything);
  const sides = startSides(bounds, start);
  for (let depth = 1; depth <= bounds.depth && sides.some(({ frontier }) => frontier.length); depth++) {
    if (shown === "EXECUTION" && isComplete(reached, sides, bounds.limit)) break;
    for (const state of sides) {
      const nodes = [...(await takeHop(read, state, bounds)), ...(await takeHop(read, state, bounds))];
      const visible = showIf === null ? everything : await findMatching(read, showIf, { ...params, asOf }, nodes);
      add(nodes, state.side === "UPSTREAM" ? -depth : depth, visible);
    }
  }
  return reached;
}
