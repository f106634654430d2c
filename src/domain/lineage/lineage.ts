import { compareText } from "../../lib/compare-text.ts";
import type { Direction, Granularity } from "../../model/enums.ts";
import type { LineageFilter } from "../../model/lineage.input.ts";
import type { Lineage, LineageEdge } from "../../model/lineage.ts";
import type { Walk, WalkBounds, WalkEdge } from "../../ports/graph-store.ts";
import { type AsOf, validateAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { toWalkedEntity } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { type Actor, may, readableProjects } from "../core/permissions.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { toDerivedEdges } from "./derived-edges.ts";
import { walkConditions } from "./lineage-filter.ts";
import { toOmittedLevels } from "./omitted-levels.ts";

const most = { depth: 10_000, limit: 10_000, roots: 100, edgesPerNode: 10 };

/**
 * What is asked about lineage. `depth` counts executions crossed; without it the walk goes to the end, within `limit` things shown. `filter` hides
 * things but not what lies beyond; the walk doesn't go past what fits `stopAt`.
 */
export interface LineageQuery {
  direction: Direction;
  depth?: number | null | undefined;
  granularity: Granularity;
  filter?: LineageFilter | null | undefined;
  stopAt?: LineageFilter | null | undefined;
  limit: number;
  /** As of which time, checked already; left out or null for now. */
  asOf?: AsOf;
  /** What will be asked of the things themselves, as `columnsFor` says it; null for nothing, or for everything. */
  columns?: string[] | null;
}

function validateRange(value: number, least: number, limit: number, field: string): void {
  if (value < least || value > limit) throw invalid(field, `${least} to ${limit}, not ${value}`);
}

/** How far the walk of a question goes, and what it shows to the actor. */
function boundsOf(actor: Actor, question: LineageQuery): WalkBounds {
  const { direction, depth, granularity, filter, stopAt, limit, asOf = null, columns = null } = question;
  if (depth !== null && depth !== undefined) validateRange(depth, 0, most.depth, "depth");
  validateRange(limit, 1, most.limit, "limit");
  const conditions = walkConditions(filter, stopAt, readableProjects(actor), asOf);
  return { direction, depth: depth ?? most.depth, limit, shown: granularity, asOf, columns, ...conditions };
}

function byEnds(a: WalkEdge, b: WalkEdge): number {
  return (
    compareText(a.from, b.from) ||
    compareText(a.to, b.to) ||
    compareText(a.kind, b.kind) ||
    compareText(a.slot, b.slot) ||
    compareText(a.role, b.role)
  );
}

function recordedEdges(edges: WalkEdge[]): LineageEdge[] {
  return [...edges]
    .sort(byEnds)
    .map(({ from, to, kind, slot, role }) => ({ from, to, kind, slot: slot || null, role: role || null }));
}

function derivedEdges({ joins }: Walk, limit: number): LineageEdge[] {
  return toDerivedEdges(joins, limit).map((pair) => ({ ...pair, kind: "DERIVED", slot: null, role: null }));
}

/** What a walk found, as the answer to who may not read all of it: that keeps its place as `Restricted`, and edges at it tell no names. */
function toLineage(actor: Actor, rootIds: string[], walk: Walk, bounds: WalkBounds): Lineage {
  const { shown, limit, asOf = null, columns } = bounds;
  const edgeLimit = limit * most.edgesPerNode;
  const edges = shown === "EXECUTION" ? recordedEdges(walk.edges) : derivedEdges(walk, edgeLimit + 1);
  const hidden = new Set(walk.nodes.filter(({ project }) => !may(actor, "project:read", project)).map(({ id }) => id));
  const told = (edge: LineageEdge): LineageEdge =>
    hidden.has(edge.from) || hidden.has(edge.to) ? { ...edge, slot: null, role: null } : edge;
  return {
    rootIds,
    asOf,
    nodes: walk.nodes.map((node) => {
      const restricted = hidden.has(node.id);
      const thing = columns && !restricted ? toWalkedEntity(node, columns, asOf) : null;
      return { id: node.id, depth: node.depth, restricted, asOf, node: thing };
    }),
    edges: edges.slice(0, edgeLimit).map(told),
    truncated: walk.levels.length > 0 || edges.length > edgeLimit,
    omitted: toOmittedLevels(walk),
  };
}

/**
 * Where versions came from and what they feed, for each of many sets of roots: each thing once, nearest first, with all edges between what is
 * shown. The roots must be readable.
 */
export async function findLineages(
  context: RequestContext,
  batch: string[][],
  question: LineageQuery,
): Promise<Lineage[]> {
  const bounds = boundsOf(context.actor, question);
  const walks = await context.ports.graph.walk(batch, bounds);
  return walks.map((walk, i) => toLineage(context.actor, batch[i] ?? [], walk, bounds));
}

/** The lineage of 1 to 100 versions by their references, the same version once; a time in the future is `INVALID_INPUT`. */
export async function findLineage(
  context: RequestContext,
  references: string[],
  question: LineageQuery,
): Promise<Lineage | undefined> {
  if (references.length < 1 || references.length > most.roots)
    throw invalid("of", `1 to ${most.roots} versions, not ${references.length}`);
  const asked = references.map((text, i) => ({ text, field: `of[${i}]` }));
  const asOf = validateAsOf(context.ports, question.asOf);
  const found = await resolveReferences(context.ports.graph.read, context.actor, asked, asOf);
  const roots = [...new Set(asked.flatMap(({ text }) => found.get(text)?.id ?? []))];
  const [lineage] = await findLineages(context, [roots], question);
  return lineage;
}
