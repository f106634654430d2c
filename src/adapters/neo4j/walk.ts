import * as v from "valibot";
import type { GraphStore, Walk, WalkBounds, WalkEdge, WalkJoin } from "../../ports/graph-store.ts";
import { anyValue, builtStatement, nullable, type Params, statement } from "../../ports/statement.ts";
import { edgeRow, type KeyedNode, takeNearest, toEdge, toWalk } from "../shared/walk-rows.ts";
import { walkTexts } from "./walk-text.ts";

type Read = GraphStore["read"];
type Texts = ReturnType<typeof walkTexts>;

const joinRow = v.object({ inputs: v.array(v.string()), outputs: v.array(v.string()) });

/** `i` is the place of the walk in the batch. An edge is the id at its other end, its type, slot and role. */
const entityRow = {
  i: v.number(),
  id: v.string(),
  project: v.string(),
  artifactKey: nullable(v.string()),
  rank: v.number(),
  edges: v.array(v.tuple([v.string(), edgeRow.type, edgeRow.slot, edgeRow.role])),
  values: nullable(v.array(anyValue)),
};
type EntityRow = v.InferOutput<v.ObjectSchema<typeof entityRow, undefined>>;

const derivedNode = v.object({
  id: v.string(),
  key: v.string(),
  project: v.string(),
  artifactKey: v.string(),
  rank: v.number(),
});
const derivedRow = { i: v.number(), nodes: v.array(derivedNode), joins: v.array(joinRow) };
const levelRow = { i: v.number(), rank: v.number(), count: v.number() };
const shownJoinsRow = { i: v.number(), joins: v.array(joinRow) };

const findIncomingEdges = statement({
  name: "walk/incoming-edges",
  params: { ids: v.array(v.string()), asOf: v.nullable(v.number()) },
  row: edgeRow,
});

/** What one walk of a batch found. It holds one node more than the limit when there are more, and then neither edges nor joins. */
type Found = { nodes: KeyedNode[]; edges: WalkEdge[]; joins: WalkJoin[] };

/** Even ranks are downstream, odd ones upstream. */
function toDepth(rank: number): number {
  return rank % 2 ? (1 - rank) / 2 || 0 : rank / 2;
}

function toParams({ params, asOf = null }: WalkBounds): Params {
  return { ...params, asOf };
}

function toEdges({ id, edges }: EntityRow, isDownstream: boolean): WalkEdge[] {
  return edges.map(([other, type, slot, role]) =>
    toEdge({ from: isDownstream ? id : other, to: isDownstream ? other : id, type, slot, role }),
  );
}

async function findEntities(read: Read, texts: Texts, batch: string[][], bounds: WalkBounds): Promise<Found[]> {
  const { limit, columns = null } = bounds;
  const statement = builtStatement("walk/entities", texts.entities(), entityRow);
  const rows = await read(statement, { ...toParams(bounds), batch, maxNodes: limit + 1, columns });
  const found = batch.map((): Found => ({ nodes: [], edges: [], joins: [] }));
  for (const row of rows) {
    const { id, project, artifactKey, rank, values } = row;
    found[row.i]?.nodes.push({ id, key: id, project, artifactKey, depth: toDepth(rank), values });
    found[row.i]?.edges.push(...toEdges(row, bounds.direction === "DOWNSTREAM"));
  }
  return found;
}

async function findDerived(read: Read, texts: Texts, batch: string[][], bounds: WalkBounds): Promise<Found[]> {
  const statement = builtStatement("walk/derived", texts.derived(), derivedRow);
  const rows = await read(statement, { ...toParams(bounds), batch, maxNodes: bounds.limit + 1 });
  const byPlace = new Map(rows.map((row) => [row.i, row]));
  return batch.map((_, i) => {
    const { nodes = [], joins = [] } = byPlace.get(i) ?? {};
    return { nodes: nodes.map(({ rank, ...node }) => ({ ...node, depth: toDepth(rank) })), edges: [], joins };
  });
}

/** Completes walks that don't fit their limit: counts the nodes at each level, and finds what joins the shown nodes. */
async function completeWalks(
  read: Read,
  texts: Texts,
  batch: string[][],
  shown: KeyedNode[][],
  bounds: WalkBounds,
): Promise<Walk[]> {
  const keys = shown.map((nodes) => nodes.map(({ key }) => key));
  const { asOf = null } = bounds;
  const params = { ...toParams(bounds), batch };
  const findJoins = () => builtStatement("walk/joins-of-shown", texts.shownJoins(), shownJoinsRow);
  const showsEntities = bounds.shown === "EXECUTION";
  const [levels, edges, joins] = await Promise.all([
    read(builtStatement("walk/levels", texts.levels(), levelRow), params),
    showsEntities ? read(findIncomingEdges, { ids: [...new Set(keys.flat())], asOf }) : [],
    showsEntities ? [] : read(findJoins(), { ...params, shown: keys }),
  ]);
  return shown.map((nodes, place) => {
    const joined = joins.find(({ i }) => i === place)?.joins ?? [];
    const counts = levels.filter(({ i }) => i === place).map(({ rank, count }) => ({ depth: toDepth(rank), count }));
    return toWalk(nodes, edges.map(toEdge), joined, counts);
  });
}

/**
 * One pruned statement for walks that fit `limit`. For those that don't two more, run concurrently: what is left out is counted in the database and
 * not sent.
 */
export async function walkNeo4j(read: Read, batch: string[][], bounds: WalkBounds): Promise<Walk[]> {
  const texts = walkTexts(bounds);
  const find = bounds.shown === "EXECUTION" ? findEntities : findDerived;
  const found = await find(read, texts, batch, bounds);
  const isCut = ({ nodes }: Found) => nodes.length > bounds.limit;
  const cut = [...found.entries()].filter(([, one]) => isCut(one)).map(([i]) => i);
  const shown = found.map(({ nodes }) => takeNearest(nodes, bounds.limit));
  const pickCut = <T>(all: T[]): T[] => cut.flatMap((i) => all.slice(i, i + 1));
  const completed = cut.length ? await completeWalks(read, texts, pickCut(batch), pickCut(shown), bounds) : [];
  return found.map(({ edges, joins }, i) => completed[cut.indexOf(i)] ?? toWalk(shown[i] ?? [], edges, joins, []));
}
