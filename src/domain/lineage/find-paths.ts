import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { LineagePath, LineagePaths } from "../../model/paths.ts";
import type { WalkEdge, WalkNode } from "../../ports/graph-store.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { type Actor, may } from "../core/permissions.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findClosure } from "./closure.ts";
import { findShortestPaths } from "./shortest-paths.ts";

const maxPaths = 10;
const maxClosure = 20_000;

/** A graph that contains the paths between two versions. */
interface PathGraph {
  nodes: Map<string, WalkNode>;
  edges: WalkEdge[];
  /** The graph contains every path with at most this many edges. */
  completeToLength: number;
}

/**
 * Loads a graph with the paths between two versions. Every path is both upstream of `to` and downstream of `from`, so either closure contains
 * all of them; the second is loaded only when the first is incomplete.
 */
async function loadPathGraph(ports: Pick<Ports, "graph">, from: string, to: string): Promise<PathGraph> {
  const upstream = await findClosure(ports, to, "UPSTREAM", maxClosure);
  const downstream =
    upstream.completeToDepth === Number.POSITIVE_INFINITY
      ? null
      : await findClosure(ports, from, "DOWNSTREAM", maxClosure);
  const closure = downstream && downstream.completeToDepth > upstream.completeToDepth ? downstream : upstream;
  return {
    nodes: new Map(closure.nodes.map((node) => [node.id, node])),
    edges: closure.edges,
    completeToLength: closure.completeToDepth * 2,
  };
}

function toSuccessors(edges: WalkEdge[]): Map<string, string[]> {
  return new Map(
    [...groupBy(edges, ({ from }) => from)].map(([id, out]) => [id, [...new Set(out.map(({ to }) => to))].sort()]),
  );
}

/** Converts a path from node ids. Nodes that the actor may not read become `Restricted`, and edges at them lose slot and role. */
function toPath(actor: Actor, { nodes, edges }: PathGraph, ids: string[]): LineagePath {
  const isRestricted = (id: string): boolean => !may(actor, "project:read", nodes.get(id)?.project ?? "");
  const next = new Map(ids.slice(0, -1).map((id, i) => [id, ids[i + 1]]));
  const positions = new Map(ids.map((id, i) => [id, i]));
  const position = (edge: WalkEdge) => positions.get(edge.from) ?? 0;
  const key = ({ from, slot, role }: WalkEdge) => JSON.stringify([slot, role, from]);
  const pathEdges = edges
    .filter(({ from, to }) => next.get(from) === to)
    .sort((a, b) => position(a) - position(b) || compareText(key(a), key(b)));
  return {
    nodes: ids.map((id, i) => ({ id, depth: Math.ceil(i / 2), restricted: isRestricted(id) })),
    edges: pathEdges.map(({ from, to, kind, slot, role }) => {
      const readable = !isRestricted(from) && !isRestricted(to);
      return { from, to, kind, slot: (readable && slot) || null, role: (readable && role) || null };
    }),
    length: (ids.length - 1) / 2,
  };
}

/**
 * Finds the `first` (1 to 10) shortest simple paths between two versions, in the direction of the data. `complete` is true only if there are
 * certainly no other paths. Throws `NOT_FOUND` or `FORBIDDEN` for a version that doesn't exist or that the actor may not read.
 */
export async function findPaths(
  context: RequestContext,
  ends: { from: string; to: string },
  first: number,
): Promise<LineagePaths> {
  if (first < 1 || first > maxPaths) throw invalid("first", `must be 1 to ${maxPaths}, not ${first}`);
  const { from, to } = await resolveFields(context, ends);
  if (from.id === to.id) {
    const node: WalkNode = { id: from.id, project: from.project, artifactKey: from.artifactKey, depth: 0 };
    const graph: PathGraph = { nodes: new Map([[from.id, node]]), edges: [], completeToLength: 0 };
    return { paths: [toPath(context.actor, graph, [from.id])], complete: true };
  }
  const graph = await loadPathGraph(context.ports, from.id, to.id);
  const { paths, complete } = findShortestPaths(toSuccessors(graph.edges), {
    from: from.id,
    to: to.id,
    count: first,
    maxLength: graph.completeToLength,
  });
  return { paths: paths.map((ids) => toPath(context.actor, graph, ids)), complete };
}
