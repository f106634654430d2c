import type { Walk, WalkBounds, WalkDirection, WalkEdge } from "../../ports/graph-store.ts";
import { cypherText, type Params } from "../../ports/statement.ts";
import { counter, type WalkRow, walkEdge, walkNode } from "../../ports/walk-rows.ts";

type ConeRow = WalkRow & { edges: [other: string, type: string, slot: string, role: string][] };
interface LevelRow {
  hop: number;
  things?: number;
  versions?: number;
  artifacts?: number;
}
type Query = <R>(text: string, params: Params) => Promise<R[]>;

const texts = {
  UPSTREAM: {
    cone: cypherText("walk/neo4j-upstream"),
    levels: cypherText("walk/neo4j-upstream-levels"),
    artifacts: cypherText("walk/neo4j-upstream-artifacts"),
  },
  DOWNSTREAM: {
    cone: cypherText("walk/neo4j-downstream"),
    levels: cypherText("walk/neo4j-downstream-levels"),
    artifacts: cypherText("walk/neo4j-downstream-artifacts"),
  },
};

/** A hop bound can't be a parameter; the planner prunes only when it is above 1 (and at 0 there is nothing to prune). */
const bounded = (text: string, depth: number): string => text.replace("/*hops*/", String(Math.trunc(depth) * 2));

/** With executions or other versions of an artifact uncounted, more rows than `limit` may still fit it. */
const allowance = ({ counted, limit }: WalkBounds): number => (counted === "THING" ? limit : limit * 4 + 100);

const edgesOf = (row: ConeRow, direction: WalkDirection): WalkEdge[] =>
  row.edges.map(([other, type, slot, role]) =>
    direction === "UPSTREAM" ? walkEdge(other, row.id, type, slot, role) : walkEdge(row.id, other, type, slot, role),
  );

const fromRows = (rows: ConeRow[], direction: WalkDirection, next: number | null): Walk => ({
  nodes: rows.map(walkNode),
  edges: rows.flatMap((row) => edgesOf(row, direction)),
  next,
});

const fits = (rows: ConeRow[], bounds: WalkBounds): boolean => {
  if (rows.length > allowance(bounds)) return false;
  const count = counter(bounds.counted);
  for (const row of rows) count.add(walkNode(row));
  return count.count() <= bounds.limit;
};

const counts = (row: LevelRow, counted: WalkBounds["counted"]): number =>
  (counted === "THING" ? row.things : counted === "VERSION" ? row.versions : row.artifacts) ?? 0;

/** The first depth at which the count passes the limit, and the next beyond it where something counted lies. */
const cutAt = (levels: LevelRow[], { counted, limit }: WalkBounds): { last: number; next: number | null } => {
  let total = 0;
  let last: number | null = null;
  for (const level of levels) {
    const depth = Math.ceil(level.hop / 2);
    if (last !== null && depth > last && counts(level, counted) > 0) return { last, next: depth };
    total += counts(level, counted);
    if (total > limit) last ??= depth;
  }
  return { last: last ?? Math.ceil((levels.at(-1)?.hop ?? 0) / 2), next: null };
};

/**
 * One pruned statement for a cone that fits `limit`; otherwise two more: how much lies at each level (nearly free, nothing is shipped),
 * then the cone down to the level where the limit falls.
 */
export const walkNeo4j = async (
  query: Query,
  roots: string[],
  direction: WalkDirection,
  bounds: WalkBounds,
): Promise<Walk> => {
  const text = texts[direction];
  const cone = (depth: number, limit: number) => query<ConeRow>(bounded(text.cone, depth), { roots, limit });
  const rows = await cone(bounds.depth, allowance(bounds) + 1);
  if (fits(rows, bounds)) return fromRows(rows, direction, null);
  const levels = bounds.counted === "ARTIFACT" ? text.artifacts : text.levels;
  const counted = await query<LevelRow>(bounded(levels, bounds.depth), { roots });
  const { last, next } = cutAt(
    counted.filter((level) => level.hop <= bounds.depth * 2),
    bounds,
  );
  return fromRows(await cone(last, Number.MAX_SAFE_INTEGER), direction, next);
};
