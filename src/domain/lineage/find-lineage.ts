import { compareText } from "../../lib/compare-text.ts";
import { isGiven } from "../../lib/is-given.ts";
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
import { compileWalkConditions } from "./lineage-filter.ts";
import { toOmittedLevels } from "./omitted-levels.ts";

const maxDepth = 10_000;
const maxNodes = 10_000;
const maxRoots = 100;
const maxEdgesPerNode = 10;

/** A lineage query, without its roots. */
export interface LineageQuery {
  direction: Direction;
  /** Maximum number of executions to cross; unlimited by default. */
  depth?: number | null | undefined;
  granularity: Granularity;
  /** Hides nodes, but not what is beyond them. */
  filter?: LineageFilter | null | undefined;
  /** The walk doesn't continue past matching nodes. */
  stopAt?: LineageFilter | null | undefined;
  /** Maximum number of nodes to show. */
  limit: number;
  /** A validated time; null or undefined for now. */
  asOf?: AsOf;
  /** The node properties that the caller needs, from `columnsFor`; null for none, or when all are needed. */
  columns?: string[] | null;
}

function validateRange(value: number, min: number, max: number, field: string): void {
  if (value < min || value > max) throw invalid(field, `must be ${min} to ${max}, not ${value}`);
}

/** The bounds of the walk that answers a query. */
function toWalkBounds(actor: Actor, query: LineageQuery): WalkBounds {
  const { direction, depth, granularity, filter, stopAt, limit, asOf = null, columns = null } = query;
  if (isGiven(depth)) validateRange(depth, 0, maxDepth, "depth");
  validateRange(limit, 1, maxNodes, "limit");
  const conditions = compileWalkConditions(filter, stopAt, readableProjects(actor), asOf);
  return { direction, depth: depth ?? maxDepth, limit, shown: granularity, asOf, columns, ...conditions };
}

function compareEdges(a: WalkEdge, b: WalkEdge): number {
  return (
    compareText(a.from, b.from) ||
    compareText(a.to, b.to) ||
    compareText(a.kind, b.kind) ||
    compareText(a.slot, b.slot) ||
    compareText(a.role, b.role)
  );
}

function toRecordedEdges(edges: WalkEdge[]): LineageEdge[] {
  return [...edges]
    .sort(compareEdges)
    .map(({ from, to, kind, slot, role }) => ({ from, to, kind, slot: slot || null, role: role || null }));
}

function toDerivedLineageEdges({ joins }: Walk, limit: number): LineageEdge[] {
  return toDerivedEdges(joins, limit).map((edge) => ({ ...edge, kind: "DERIVED", slot: null, role: null }));
}

/** Converts a walk to a lineage. Nodes that the actor may not read become `Restricted`, and edges at them lose slot and role. */
function toLineage(actor: Actor, rootIds: string[], walk: Walk, bounds: WalkBounds): Lineage {
  const { shown, limit, asOf = null, columns } = bounds;
  const maxEdges = limit * maxEdgesPerNode;
  const edges = shown === "EXECUTION" ? toRecordedEdges(walk.edges) : toDerivedLineageEdges(walk, maxEdges + 1);
  const restrictedIds = new Set(
    walk.nodes.filter(({ project }) => !may(actor, "project:read", project)).map(({ id }) => id),
  );
  const redact = (edge: LineageEdge): LineageEdge =>
    restrictedIds.has(edge.from) || restrictedIds.has(edge.to) ? { ...edge, slot: null, role: null } : edge;
  return {
    rootIds,
    asOf,
    nodes: walk.nodes.map((node) => {
      const restricted = restrictedIds.has(node.id);
      const entity = columns && !restricted ? toWalkedEntity(node, columns, asOf) : null;
      return { id: node.id, depth: node.depth, restricted, asOf, node: entity };
    }),
    edges: edges.slice(0, maxEdges).map(redact),
    truncated: walk.levels.length > 0 || edges.length > maxEdges,
    omitted: toOmittedLevels(walk),
  };
}

/**
 * The lineage of each of several sets of root ids: distinct nodes, nearest first, and all edges between shown nodes. The caller must have checked
 * that the actor may read the roots. Throws `INVALID_INPUT` when depth or limit is out of range.
 */
export async function findLineages(
  context: RequestContext,
  batch: string[][],
  query: LineageQuery,
): Promise<Lineage[]> {
  const bounds = toWalkBounds(context.actor, query);
  const walks = await context.ports.graph.walk(batch, bounds);
  return walks.map((walk, i) => toLineage(context.actor, batch[i] ?? [], walk, bounds));
}

/**
 * The combined lineage of 1 to 100 versions by reference; duplicates count once. Throws `INVALID_INPUT` for a future `asOf`, and `NOT_FOUND` or
 * `FORBIDDEN` for a version that doesn't exist or that the actor may not read.
 */
export async function findLineage(
  context: RequestContext,
  references: string[],
  query: LineageQuery,
): Promise<Lineage | undefined> {
  if (references.length < 1 || references.length > maxRoots)
    throw invalid("of", `give 1 to ${maxRoots} versions; ${references.length} were given`);
  const inputs = references.map((text, i) => ({ text, field: `of[${i}]` }));
  const asOf = validateAsOf(context.ports, query.asOf);
  const found = await resolveReferences(context.ports.graph.read, context.actor, inputs, asOf);
  const roots = [...new Set(references.flatMap((text) => found.get(text)?.id ?? []))];
  const [lineage] = await findLineages(context, [roots], query);
  return lineage;
}
