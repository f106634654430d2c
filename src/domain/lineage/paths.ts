import { groupBy } from "../../lib/group-by.ts";
import type { LineagePath, LineagePaths } from "../../model/paths.ts";
import type { WalkEdge, WalkNode } from "../../ports/graph-store.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { type Actor, may } from "../core/permissions.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findClosure } from "./closure.ts";
import { findShortestPaths } from "./shortest-paths.ts";

const most = { paths: 10, things: 20_000 };

/** What joins two versions, as far as it is known: paths with up to `known` edges are all in it. */
interface Between {
  nodes: Map<string, WalkNode>;
  edges: WalkEdge[];
  known: number;
}

/**
 * Every path from one version to another runs among what lies upstream of the one and downstream of the other: either holds all of them, so
 * the second is only read when there is too much of the first.
 */
async function between(ports: Pick<Ports, "graph">, from: string, to: string): Promise<Between> {
  const up = await findClosure(ports, to, "UPSTREAM", most.things);
  const down =
    up.completeToDepth === Number.POSITIVE_INFINITY ? null : await findClosure(ports, from, "DOWNSTREAM", most.things);
  const reach = down && down.completeToDepth > up.completeToDepth ? down : up;
  return {
    nodes: new Map(reach.nodes.map((node) => [node.id, node])),
    edges: reach.edges,
    known: reach.completeToDepth * 2,
  };
}

function followingOf(edges: WalkEdge[]): Map<string, string[]> {
  return new Map(
    [...groupBy(edges, ({ from }) => from)].map(([id, out]) => [id, [...new Set(out.map(({ to }) => to))].sort()]),
  );
}

function toPath(actor: Actor, { nodes, edges }: Between, ids: string[]): LineagePath {
  const isHidden = (id: string): boolean => !may(actor, "project:read", nodes.get(id)?.project ?? "");
  const next = new Map(ids.slice(0, -1).map((id, i) => [id, ids[i + 1]]));
  const steps = edges.filter(({ from, to }) => next.get(from) === to);
  const places = new Map(ids.map((id, i) => [id, i]));
  const order = ({ from, slot, role }: WalkEdge) => JSON.stringify([slot, role, from]);
  steps.sort((a, b) => (places.get(a.from) ?? 0) - (places.get(b.from) ?? 0) || (order(a) < order(b) ? -1 : 1));
  return {
    nodes: ids.map((id, i) => ({ id, depth: Math.ceil(i / 2), restricted: isHidden(id) })),
    edges: steps.map(({ from, to, kind, slot, role }) => {
      const told = !isHidden(from) && !isHidden(to);
      return { from, to, kind, slot: (told && slot) || null, role: (told && role) || null };
    }),
    length: (ids.length - 1) / 2,
  };
}

/**
 * The simple paths along the data from one version to another, shortest first, 1 to 10 of them. Both versions must be readable; whatever
 * else the actor may not read keeps its place as `Restricted`. A search that its bound cut short is not `complete`.
 */
export async function findPaths(
  context: RequestContext,
  ends: { from: string; to: string },
  first: number,
): Promise<LineagePaths> {
  if (first < 1 || first > most.paths) throw invalid("first", `1 to ${most.paths}, not ${first}`);
  const { from, to } = await resolveFields(context, ends);
  const itself: WalkNode = { id: from.id, project: from.project, artifactKey: from.artifactKey, depth: 0 };
  if (from.id === to.id) {
    const alone = { nodes: new Map([[from.id, itself]]), edges: [], known: 0 };
    return { paths: [toPath(context.actor, alone, [from.id])], complete: true };
  }
  const joined = await between(context.ports, from.id, to.id);
  const found = findShortestPaths(followingOf(joined.edges), from.id, to.id, first, joined.known);
  return { paths: found.paths.map((ids) => toPath(context.actor, joined, ids)), complete: found.complete };
}
