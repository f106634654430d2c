import type { Direction, Granularity } from "../model/enums.ts";
import type { Lineage, LineageEdge, LineageNode, OmittedLevel } from "../model/lineage.ts";
import type { Walk, WalkBounds, WalkDirection, WalkEdge, WalkNode } from "../ports/graph-store.ts";
import { statement } from "../ports/statement.ts";
import { walkEdge } from "../ports/walk-rows.ts";
import type { Deps } from "./deps.ts";
import { invalid } from "./errors.ts";
import { atGranularity, type Cone, nearer } from "./granularity.ts";
import { groupBy } from "./group.ts";
import { artifactsByKey } from "./of.ts";
import { type Actor, may } from "./permissions.ts";
import { resolveReferences } from "./resolve.ts";

const most = { depth: 10_000, limit: 10_000, roots: 100, edgesPerNode: 10, exact: 20_000 };

/** What is asked about lineage. `depth` counts executions crossed; without it the walk goes to the end, within `limit` things shown. */
export interface LineageQuestion {
  direction: Direction;
  depth?: number | null | undefined;
  granularity: Granularity;
  limit: number;
}

type EdgeRow = { from: string; to: string; type: string; slot: string; role: string };
const edgesInto = statement<{ ids: string[] }, EdgeRow>("edges-into");

const checkBetween = (value: number, least: number, limit: number, field: string): void => {
  if (value < least || value > limit) throw invalid(field, `${least} to ${limit}, not ${value}`);
};

const checkQuestion = ({ depth, limit }: LineageQuestion): void => {
  if (depth !== null && depth !== undefined) checkBetween(depth, 0, most.depth, "depth");
  checkBetween(limit, 1, most.limit, "limit");
};

const counted: Record<Granularity, WalkBounds["counted"]> = {
  EXECUTION: "THING",
  VERSION: "VERSION",
  ARTIFACT: "ARTIFACT",
};

/** The distance of every node from the roots along one direction, in executions crossed: a breadth-first pass over the edges. */
export const distances = (walk: Walk, roots: string[], direction: WalkDirection): Map<string, number> => {
  const upstream = direction === "UPSTREAM";
  const next = groupBy(walk.edges, (edge) => (upstream ? edge.to : edge.from));
  const hops = new Map(roots.map((id) => [id, 0]));
  // A Map is walked in the order of insertion, entries added meanwhile included: it is its own queue.
  for (const [id, hop] of hops) {
    for (const { from, to } of next.get(id) ?? []) {
      const other = upstream ? from : to;
      if (!hops.has(other)) hops.set(other, hop + 1);
    }
  }
  return new Map([...hops].map(([id, hop]) => [id, Math.ceil(hop / 2)]));
};

type Side = { walk: Walk; depths: Map<string, number>; sign: 1 | -1 };

const walkSide = async (deps: Deps, roots: string[], direction: WalkDirection, bounds: WalkBounds): Promise<Side> => {
  const walk = await deps.graph.walk(roots, direction, bounds);
  return { walk, depths: distances(walk, roots, direction), sign: direction === "UPSTREAM" ? -1 : 1 };
};

/** Whether a walk ended because there was more than the limit. */
const isCut = ({ walk }: Side, limit: number): boolean => walk.next !== null || walk.nodes.length > limit;

/**
 * Both sides, or the one asked for. Where a walk that was cut can't tell all (edges joined over an execution beyond the cut; a next level
 * that the other side shows nearer), it goes on as far as `most.exact` things.
 */
const walkSides = async (deps: Deps, roots: string[], question: LineageQuestion, depth: number): Promise<Side[]> => {
  const { direction, granularity, limit } = question;
  const directions: WalkDirection[] = direction === "BOTH" ? ["UPSTREAM", "DOWNSTREAM"] : [direction];
  const walk = (upTo: number) => {
    const bounds = { depth, limit: upTo, counted: counted[granularity] };
    return Promise.all(directions.map((side) => walkSide(deps, roots, side, bounds)));
  };
  const sides = await walk(limit);
  const tellsAll = direction !== "BOTH" && granularity === "EXECUTION";
  return tellsAll || !sides.some((side) => isCut(side, limit)) ? sides : walk(Math.max(limit, most.exact));
};

/** One cone of both sides: a node reached both ways has its smallest distance. */
const merge = (sides: Side[], depth: number): Cone => {
  const nodes = new Map<string, WalkNode>();
  const depths = new Map<string, number>();
  for (const { walk, depths: found, sign } of sides) {
    for (const node of walk.nodes) {
      const distance = found.get(node.id) ?? Number.POSITIVE_INFINITY;
      if (distance > depth) continue;
      nodes.set(node.id, node);
      const signed = distance * sign || 0;
      if (nearer(signed, depths.get(node.id))) depths.set(node.id, signed);
    }
  }
  return { nodes, depths, edges: sides.flatMap(({ walk }) => walk.edges) };
};

/** Whole levels as far as `limit` goes, then part of the next: executions first, then by id. */
const cut = (cone: Cone, limit: number): { shown: WalkNode[]; left: number[] } => {
  const depthOf = (node: WalkNode) => cone.depths.get(node.id) ?? 0;
  const order = (a: WalkNode, b: WalkNode): number =>
    Math.abs(depthOf(a)) - Math.abs(depthOf(b)) ||
    Number(a.label === "Version") - Number(b.label === "Version") ||
    (a.id < b.id ? -1 : 1);
  const sorted = [...cone.nodes.values()].sort(order);
  return { shown: sorted.slice(0, limit), left: sorted.slice(limit).map(depthOf) };
};

/** On one side: the first level that isn't wholly shown with what is left out of it, and the next that holds something. */
const omittedOn = ({ walk, sign }: Side, left: number[]): OmittedLevel[] => {
  const mine = left.filter((depth) => depth === 0 || Math.sign(depth) === sign).map(Math.abs);
  if (!mine.length) return [];
  const first = Math.min(...mine);
  const further = mine.filter((depth) => depth > first);
  const next = further.length ? Math.min(...further) : walk.next;
  const whole = { depth: first * sign || 0, count: mine.filter((depth) => depth === first).length };
  return next === null ? [whole] : [whole, { depth: next * sign, count: null }];
};

const omittedLevels = (sides: Side[], left: number[]): OmittedLevel[] => {
  const levels = sides.flatMap((side) => omittedOn(side, left));
  return levels.filter((level, i) => levels.findIndex((other) => other.depth === level.depth) === i);
};

const uniqueEdges = (edges: WalkEdge[], shown: Set<string>): WalkEdge[] => {
  const inside = edges.filter((edge) => shown.has(edge.from) && shown.has(edge.to));
  const key = (edge: WalkEdge) => JSON.stringify([edge.from, edge.to, edge.kind, edge.slot, edge.role]);
  return [...new Map(inside.map((edge) => [key(edge), edge])).entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, edge]) => edge);
};

/** Edges from an ancestor to a descendant lie on neither walk: they are read for the nodes downstream. */
const crossing = async (deps: Deps, sides: Side[]): Promise<WalkEdge[]> => {
  const down = sides.find((side) => side.sign > 0);
  if (sides.length < 2 || !down) return [];
  const rows = await deps.graph.read(edgesInto, { ids: down.walk.nodes.map((node) => node.id) });
  return rows.map((row) => walkEdge(row.from, row.to, row.type, row.slot, row.role));
};

/**
 * Where versions came from and what they feed: each thing once, nearest first, with all edges between what is shown.
 * The roots must be readable; whatever else the actor may not read keeps its place as `Restricted`.
 */
export const lineageOf = async (
  deps: Deps,
  actor: Actor,
  roots: string[],
  question: LineageQuestion,
): Promise<Lineage> => {
  checkQuestion(question);
  const depth = question.depth ?? most.depth;
  const sides = await walkSides(deps, roots, question, depth);
  const whole = merge(sides, depth);
  const cone = atGranularity(
    { ...whole, edges: [...whole.edges, ...(await crossing(deps, sides))] },
    question.granularity,
  );
  const { shown, left } = cut(cone, question.limit);
  const edges = uniqueEdges(cone.edges, new Set(shown.map((node) => node.id)));
  const edgeLimit = question.limit * most.edgesPerNode;
  const named = await withArtifactIds(deps, shown, question.granularity);
  const idOf = (id: string): string => named.get(id) ?? id;
  const hidden = new Set(shown.filter((node) => !may(actor, "project:read", node.project)).map((node) => node.id));
  const tells = (edge: WalkEdge): boolean => !hidden.has(edge.from) && !hidden.has(edge.to);
  return {
    rootIds: roots,
    nodes: shown.map(
      (node): LineageNode => ({
        id: idOf(node.id),
        depth: cone.depths.get(node.id) ?? 0,
        restricted: hidden.has(node.id),
      }),
    ),
    edges: edges.slice(0, edgeLimit).map(
      (edge): LineageEdge => ({
        from: idOf(edge.from),
        to: idOf(edge.to),
        kind: cone.derived ? "DERIVED" : edge.kind,
        slot: (tells(edge) && edge.slot) || null,
        role: (tells(edge) && edge.role) || null,
      }),
    ),
    truncated: left.length > 0 || edges.length > edgeLimit,
    omitted: omittedLevels(sides, left),
  };
};

/** At the granularity of artifacts nodes go by their keys so far; their ids come from the graph. */
const withArtifactIds = async (
  deps: Deps,
  shown: WalkNode[],
  granularity: Granularity,
): Promise<Map<string, string>> => {
  if (granularity !== "ARTIFACT") return new Map();
  const keys = shown.map((node) => node.id);
  const artifacts = await artifactsByKey(deps, keys);
  return new Map(artifacts.flatMap((artifact) => (artifact ? [[artifact.key, artifact.id] as const] : [])));
};

/** The ids of the versions that a lineage starts from: 1 to 100 references, the same version once. */
export const lineageRoots = async (deps: Deps, actor: Actor, references: string[]): Promise<string[]> => {
  if (references.length < 1 || references.length > most.roots)
    throw invalid("of", `1 to ${most.roots} versions, not ${references.length}`);
  const asked = references.map((text, i) => ({ text, field: `of[${i}]` }));
  const found = await resolveReferences(deps.graph.read, actor, asked);
  return [...new Set(asked.flatMap(({ text }) => found.get(text)?.id ?? []))];
};
