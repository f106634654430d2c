import type { Walk, WalkBounds, WalkEdge, WalkJoin, WalkNode } from "../../ports/graph-store.ts";
import type { Params } from "../../ports/statement.ts";
import { type KeyedNode, nearest, toEdge, toWalk, type WalkEdgeRow } from "../shared/walk-rows.ts";
import { walkTexts } from "./walk-text.ts";

type Query = <R>(text: string, params: Params) => Promise<R[]>;

type ThingRow = Omit<WalkNode, "depth"> & {
  i: number;
  rank: number;
  edges: [other: string, type: string, slot: string, role: string][];
};
type DerivedRow = { i: number; nodes: (Omit<KeyedNode, "depth"> & { rank: number })[]; joins: WalkJoin[] };
type LevelRow = { i: number; rank: number; count: number };

/** What one walk of a batch found: one more than the limit when there is more, and then neither edges nor joins. */
type Found = { nodes: KeyedNode[]; edges: WalkEdge[]; joins: WalkJoin[] };
type Texts = ReturnType<typeof walkTexts>;

/** Even ranks are downstream, odd ones upstream. */
function depthOf(rank: number): number {
  return rank % 2 ? (1 - rank) / 2 || 0 : rank / 2;
}

function paramsOf({ params, asOf = null }: WalkBounds): Params {
  return { ...params, asOf };
}

function edgesOf({ id, edges }: ThingRow, downstream: boolean): WalkEdge[] {
  return edges.map(([other, type, slot, role]) =>
    toEdge({ from: downstream ? id : other, to: downstream ? other : id, type, slot, role }),
  );
}

async function findThings(query: Query, texts: Texts, batch: string[][], bounds: WalkBounds): Promise<Found[]> {
  const { limit, columns = null } = bounds;
  const rows = await query<ThingRow>(texts.things(), { ...paramsOf(bounds), batch, most: limit + 1, columns });
  const found = batch.map((): Found => ({ nodes: [], edges: [], joins: [] }));
  for (const row of rows) {
    const { id, project, artifactKey, rank, values } = row;
    found[row.i]?.nodes.push({ id, key: id, project, artifactKey, depth: depthOf(rank), values });
    found[row.i]?.edges.push(...edgesOf(row, bounds.direction === "DOWNSTREAM"));
  }
  return found;
}

async function findDerived(query: Query, texts: Texts, batch: string[][], bounds: WalkBounds): Promise<Found[]> {
  const rows = await query<DerivedRow>(texts.derived(), { ...paramsOf(bounds), batch, most: bounds.limit + 1 });
  const byPlace = new Map(rows.map((row) => [row.i, row]));
  return batch.map((_, i) => {
    const { nodes = [], joins = [] } = byPlace.get(i) ?? {};
    return { nodes: nodes.map(({ rank, ...node }) => ({ ...node, depth: depthOf(rank) })), edges: [], joins };
  });
}

/** What is missing of walks that don't fit their limit: how much lies at each level, and what joins the things that are shown of them. */
async function complete(
  query: Query,
  texts: Texts,
  batch: string[][],
  shown: KeyedNode[][],
  bounds: WalkBounds,
): Promise<Walk[]> {
  const kept = shown.map((nodes) => nodes.map(({ key }) => key));
  const params = { ...paramsOf(bounds), batch };
  const things = bounds.shown === "EXECUTION";
  const [levels, edges, joins] = await Promise.all([
    query<LevelRow>(texts.levels(), params),
    things ? query<WalkEdgeRow>(texts.edgesInto(), { ...paramsOf(bounds), ids: [...new Set(kept.flat())] }) : [],
    things ? [] : query<{ i: number; joins: WalkJoin[] }>(texts.keptJoins(), { ...params, kept }),
  ]);
  return shown.map((nodes, place) => {
    const joined = joins.find(({ i }) => i === place)?.joins ?? [];
    const counts = levels.filter(({ i }) => i === place).map(({ rank, count }) => ({ depth: depthOf(rank), count }));
    return toWalk(nodes, edges.map(toEdge), joined, counts);
  });
}

/**
 * One pruned statement for walks that fit `limit`. Otherwise two more, at once, for those that don't: what is left out is counted in the
 * database, and nothing of it is shipped.
 */
export async function walkNeo4j(query: Query, batch: string[][], bounds: WalkBounds): Promise<Walk[]> {
  const texts = walkTexts(bounds);
  const find = bounds.shown === "EXECUTION" ? findThings : findDerived;
  const found = await find(query, texts, batch, bounds);
  const isCut = ({ nodes }: Found) => nodes.length > bounds.limit;
  const cut = [...found.entries()].filter(([, one]) => isCut(one)).map(([i]) => i);
  const shown = found.map(({ nodes }) => nearest(nodes, bounds.limit));
  const pick = <T>(all: T[]): T[] => cut.flatMap((i) => all.slice(i, i + 1));
  const completed = cut.length ? await complete(query, texts, pick(batch), pick(shown), bounds) : [];
  return found.map(({ edges, joins }, i) => completed[cut.indexOf(i)] ?? toWalk(shown[i] ?? [], edges, joins, []));
}
