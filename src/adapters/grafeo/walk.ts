import * as v from "valibot";
import type { GraphStore, Walk, WalkBounds, WalkEdge } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { edgeRow, type KeyedNode, takeNearest, toEdge, toWalk, type WalkEdgeRow } from "../shared/walk-rows.ts";
import { explore, findDownstream } from "./explore.ts";

type Read = GraphStore["read"];

const findIncomingEdges = statement({
  name: "walk/incoming-edges",
  params: { ids: v.array(v.string()), asOf: v.nullable(v.number()) },
  row: edgeRow,
});
const findArtifactIds = statement({
  name: "walk/grafeo-artifacts",
  params: { ids: v.array(v.string()) },
  row: { id: v.string(), artifact: v.string() },
});

/** For each execution, which is at the end `executionEnd` of the edges, the distinct keys at their other ends. */
function groupKeys(
  edges: WalkEdgeRow[],
  executionEnd: "from" | "to",
  keyById: Map<string, string>,
): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const edge of edges) {
    const key = keyById.get(executionEnd === "to" ? edge.from : edge.to);
    if (key === undefined) continue;
    const keys = groups.get(edge[executionEnd]) ?? new Set();
    groups.set(edge[executionEnd], keys.add(key));
  }
  return new Map([...groups].map(([id, keys]) => [id, [...keys]]));
}

/** What the executions among these nodes join, by the keys of versions or artifacts. */
async function findJoins(read: Read, reached: KeyedNode[], asOf: number | null): Promise<Walk["joins"]> {
  const keyById = new Map(reached.flatMap(({ id, key, artifactKey }) => (artifactKey === null ? [] : [[id, key]])));
  const ids = reached.flatMap(({ id, artifactKey }) => (artifactKey === null ? [id] : []));
  const inputs = groupKeys(await read(findIncomingEdges, { ids, asOf }), "to", keyById);
  const outputs = groupKeys(await read(findDownstream, { ids, asOf }), "from", keyById);
  return ids.map((id) => ({ inputs: inputs.get(id) ?? [], outputs: outputs.get(id) ?? [] }));
}

/** Each artifact once, as near as the nearest of its versions, which come first. */
async function findArtifacts(read: Read, versions: KeyedNode[]): Promise<KeyedNode[]> {
  const byKey = new Map<string, KeyedNode>();
  for (const version of versions) if (!byKey.has(version.key)) byKey.set(version.key, version);
  const rows = await read(findArtifactIds, { ids: [...byKey.keys()] });
  const ids = new Map(rows.map(({ id, artifact }) => [id, artifact]));
  return [...byKey.values()].map((version) => ({ ...version, id: ids.get(version.key) ?? version.id }));
}

function countLevels(nodes: KeyedNode[]): Walk["levels"] {
  const counts = new Map<number, number>();
  for (const { depth } of nodes) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  return [...counts].map(([depth, count]) => ({ depth, count }));
}

/** Explores level by level, then reads what joins the shown nodes. */
export async function walkGrafeo(read: Read, roots: string[], bounds: WalkBounds): Promise<Walk> {
  const reached = await explore(read, roots, bounds);
  const versions = reached.filter(({ artifactKey }) => artifactKey !== null);
  const { shown, limit, asOf = null } = bounds;
  const showable =
    shown === "EXECUTION" ? reached : shown === "VERSION" ? versions : await findArtifacts(read, versions);
  const nodes = takeNearest(showable, limit);
  const edges: WalkEdge[] =
    shown === "EXECUTION" ? (await read(findIncomingEdges, { ids: nodes.map(({ id }) => id), asOf })).map(toEdge) : [];
  const joins = shown === "EXECUTION" ? [] : await findJoins(read, reached, asOf);
  return toWalk(nodes, edges, joins, nodes.length < showable.length ? countLevels(showable) : []);
}
