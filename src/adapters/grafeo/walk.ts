import type { GraphStore, Walk, WalkBounds, WalkEdge } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { nearest, toEdge, toWalk, type WalkEdgeRow } from "../shared/walk-rows.ts";
import { explore, type Reached } from "./explore.ts";

const edgesInto = statement<{ ids: string[]; asOf: number | null }, WalkEdgeRow>("walk/edges-into");
const outputsOf = statement<{ ids: string[]; asOf: number | null }, WalkEdgeRow>("walk/grafeo-downstream");
const artifactIds = statement<{ ids: string[] }, { id: string; artifact: string }>("walk/grafeo-artifacts");

function ends(edges: WalkEdgeRow[], at: "from" | "to", keyOf: Map<string, string>): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const edge of edges) {
    const key = keyOf.get(at === "to" ? edge.from : edge.to);
    if (key === undefined) continue;
    const keys = found.get(edge[at]) ?? new Set();
    found.set(edge[at], keys.add(key));
  }
  return new Map([...found].map(([id, keys]) => [id, [...keys]]));
}

type Read = GraphStore["read"];

/** What the executions among these join, told by the keys of versions or artifacts. */
async function joinsOf(read: Read, reached: Reached[], asOf: number | null): Promise<Walk["joins"]> {
  const keyOf = new Map(reached.flatMap(({ id, key, artifactKey }) => (artifactKey === null ? [] : [[id, key]])));
  const ids = reached.flatMap(({ id, artifactKey }) => (artifactKey === null ? [id] : []));
  const inputs = ends(await read(edgesInto, { ids, asOf }), "to", keyOf);
  const outputs = ends(await read(outputsOf, { ids, asOf }), "from", keyOf);
  return ids.map((id) => ({ inputs: inputs.get(id) ?? [], outputs: outputs.get(id) ?? [] }));
}

/** Each artifact once, as near as the nearest of its versions, which come first. */
async function artifactsOf(read: Read, versions: Reached[]): Promise<Reached[]> {
  const byKey = new Map<string, Reached>();
  for (const version of versions) if (!byKey.has(version.key)) byKey.set(version.key, version);
  const ids = new Map((await read(artifactIds, { ids: [...byKey.keys()] })).map(({ id, artifact }) => [id, artifact]));
  return [...byKey.values()].map((version) => ({ ...version, id: ids.get(version.key) ?? version.id }));
}

function levelsOf(nodes: Reached[]): Walk["levels"] {
  const counts = new Map<number, number>();
  for (const { depth } of nodes) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  return [...counts].map(([depth, count]) => ({ depth, count }));
}

/** Explores level by level, then reads what joins the things that are shown. */
export async function walkGrafeo(read: Read, roots: string[], bounds: WalkBounds): Promise<Walk> {
  const reached = await explore(read, roots, bounds);
  const versions = reached.filter(({ artifactKey }) => artifactKey !== null);
  const { shown, limit, asOf = null } = bounds;
  const counted = shown === "EXECUTION" ? reached : shown === "VERSION" ? versions : await artifactsOf(read, versions);
  const nodes = nearest(counted, limit);
  const edges: WalkEdge[] =
    shown === "EXECUTION" ? (await read(edgesInto, { ids: nodes.map(({ id }) => id), asOf })).map(toEdge) : [];
  const joins = shown === "EXECUTION" ? [] : await joinsOf(read, reached, asOf);
  return toWalk(nodes, edges, joins, nodes.length < counted.length ? levelsOf(counted) : []);
}
