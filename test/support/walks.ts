import fc from "fast-check";
import { expect } from "vitest";
import type { GraphStore, Walk, WalkBounds, WalkEdge } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";

/** A statement for a test. */
export function say<P extends Params, R>(text: string): Statement<P, R> {
  return { name: "test", text };
}

/** Each edge as indexes of its version and its execution, with its direction. */
export interface Shape {
  versions: number;
  executions: number;
  consumed: (readonly [version: number, execution: number])[];
  produced: (readonly [execution: number, version: number])[];
}

const edge = fc.tuple(fc.nat(29), fc.nat(29));
const edges = fc.array(edge, { maxLength: 40 });

/** Graphs of up to 30 versions and executions, with cycles, parallel edges and disconnected parts. */
export const shapes: fc.Arbitrary<Shape> = fc.record({
  versions: fc.integer({ min: 1, max: 30 }),
  executions: fc.integer({ min: 1, max: 30 }),
  consumed: edges,
  produced: edges,
});

/** Options of a walk. */
export const asked = fc.record({
  roots: fc.array(fc.nat(29), { minLength: 1, maxLength: 3 }),
  bounds: fc.record<WalkBounds>({
    direction: fc.constantFrom("UPSTREAM", "DOWNSTREAM", "BOTH"),
    depth: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(10_000)),
    limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(10_000)),
    shown: fc.constantFrom("EXECUTION", "VERSION", "ARTIFACT"),
    showIf: fc.constant(null),
    stopIf: fc.constant(null),
    params: fc.constant({}),
  }),
});

/** A walk without limits. */
export function wholeWalk(direction: WalkBounds["direction"]): WalkBounds {
  return {
    ...{ direction, depth: 10_000, limit: 10_000, shown: "EXECUTION" },
    ...{ showIf: null, stopIf: null, params: {} },
  };
}

/** Diamonds in a row: each version is read by two executions that both make the next. */
export function ladder(diamonds: number): Shape {
  const places = Array.from({ length: diamonds }, (_, i) => i);
  return {
    versions: diamonds + 1,
    executions: diamonds * 2,
    consumed: places.flatMap((i) => [[i, 2 * i] as const, [i, 2 * i + 1] as const]),
    produced: places.flatMap((i) => [[2 * i, i + 1] as const, [2 * i + 1, i + 1] as const]),
  };
}

/** A graph to be put into a store and walked. Three versions in a row share an artifact. */
export interface Graph {
  project: string;
  versions: { id: string; artifactKey: string }[];
  executions: { id: string; label: "Run" | "Step" }[];
  edges: WalkEdge[];
}

/** The id of the artifact with a key. */
function idOfArtifact(key: string): string {
  return `id of ${key}`;
}

/** The shape with ids; slots distinguish parallel edges, and duplicate edges are removed. */
export function graphOf(shape: Shape, project: string): Graph {
  const versions = Array.from({ length: shape.versions }, (_, i) => ({
    id: `${project}/v${i}`,
    artifactKey: `${project}/a${Math.trunc(i / 3)}`,
  }));
  const executions = Array.from({ length: shape.executions }, (_, i) => ({
    id: `${project}/e${i}`,
    label: i % 2 ? ("Step" as const) : ("Run" as const),
  }));
  const version = (i: number) => versions[i % versions.length]?.id ?? "";
  const execution = (i: number) => executions[i % executions.length]?.id ?? "";
  const edges = [
    ...shape.consumed.map(([v, e], i) => edgeOf(version(v), execution(e), "CONSUMED", i)),
    ...shape.produced.map(([e, v], i) => edgeOf(execution(e), version(v), "PRODUCED", i)),
  ];
  return { project, versions, executions, edges: [...new Map(edges.map((item) => [keyOf(item), item])).values()] };
}

function edgeOf(from: string, to: string, kind: WalkEdge["kind"], i: number): WalkEdge {
  return {
    from,
    to,
    kind,
    slot: i % 2 ? "s" : "",
    role: i % 3 ? "" : "r",
  };
}
function keyOf({ from, to, kind, slot, role }: WalkEdge): string {
  return [from, to, kind, slot, role].join("|");
}

/** Removes what a test created in a project. */
export const cleared = say<{ project: string }, never>("MATCH (n:Entity) WHERE n.project = $project DETACH DELETE n");

/** Puts a graph into a store. */
export function build(store: GraphStore, { project, versions, executions, edges }: Graph): Promise<void> {
  return store.write(async (tx) => {
    const things = say(`UNWIND $versions AS row
      CREATE (:Entity:Version {id: row.id, project: $project, artifactKey: row.artifactKey})`);
    await tx.run(things, { project, versions });
    const keys = [...new Set(versions.map(({ artifactKey }) => artifactKey))];
    const artifacts = say(
      "UNWIND $rows AS row CREATE (:Entity:Artifact {id: row.id, key: row.key, project: $project})",
    );
    await tx.run(artifacts, { project, rows: keys.map((key) => ({ key, id: idOfArtifact(key) })) });
    for (const label of ["Run", "Step"]) {
      const ids = executions.filter((execution) => execution.label === label).map(({ id }) => id);
      await tx.run(say(`UNWIND $ids AS id CREATE (:Entity:Execution:${label} {id: id, project: $project})`), {
        project,
        ids,
      });
    }
    for (const [kind, type] of [
      ["CONSUMED", "CONSUMED_BY"],
      ["PRODUCED", "PRODUCED"],
    ]) {
      const rows = edges.filter((item) => item.kind === kind).map((item) => ({ ...item }));
      const link = say(`UNWIND $rows AS row MATCH (a:Entity {id: row.from}) MATCH (b:Entity {id: row.to})
        CREATE (a)-[:${type} {slot: row.slot, role: row.role}]->(b)`);
      await tx.run(link, { rows });
    }
  });
}

/** Everything reached in one direction, by depth: breadth first, two hops per level. */
function depthsOf(graph: Graph, roots: string[], upstream: boolean): Map<string, number> {
  const depths = new Map(roots.map((id) => [id, 0]));
  let frontier = [...depths.keys()];
  for (let hop = 1; frontier.length; hop++) {
    const ends = graph.edges.map(({ from, to }) => (upstream ? ([to, from] as const) : ([from, to] as const)));
    const next = frontier.flatMap((id) => ends.flatMap(([here, there]) => (here === id ? [there] : [])));
    frontier = [...new Set(next)].filter((id) => !depths.has(id));
    for (const id of frontier) depths.set(id, Math.ceil(hop / 2));
  }
  return depths;
}

/** The depth of each node within the bounds: negative upstream, downstream when both are as near. */
function signedDepths(graph: Graph, roots: string[], { direction, depth }: WalkBounds): Map<string, number> {
  const all = new Map<string, number>();
  for (const [side, sign] of [["DOWNSTREAM", 1] as const, ["UPSTREAM", -1] as const]) {
    if (direction !== side && direction !== "BOTH") continue;
    for (const [id, distance] of depthsOf(graph, roots, sign < 0)) {
      if (distance <= depth && distance < Math.abs(all.get(id) ?? Number.POSITIVE_INFINITY))
        all.set(id, distance * sign || 0);
    }
  }
  return all;
}

interface Shown {
  id: string;
  depth: number;
  version: boolean;
}

function order(a: Shown, b: Shown): number {
  return Math.abs(a.depth) - Math.abs(b.depth) || Number(a.version) - Number(b.version) || (a.id < b.id ? -1 : 1);
}

/** What a walk without a limit shows, in the order of all walks. */
function everythingShown(graph: Graph, depths: Map<string, number>, shown: WalkBounds["shown"]): Shown[] {
  const keys = new Map(graph.versions.map(({ id, artifactKey }) => [id, artifactKey]));
  const all = [...depths].map(([id, depth]) => ({ id, depth, version: keys.has(id) })).sort(order);
  if (shown === "EXECUTION") return all;
  const versions = all.filter(({ version }) => version);
  if (shown === "VERSION") return versions;
  const nearest = (a: Shown, b: Shown) => Math.abs(a.depth) - Math.abs(b.depth) || b.depth - a.depth;
  const artifacts = new Map<string, Shown>();
  for (const one of versions.sort(nearest)) {
    const id = idOfArtifact(keys.get(one.id) ?? "");
    if (!artifacts.has(id)) artifacts.set(id, { ...one, id });
  }
  return [...artifacts.values()].sort(order);
}

/** The levels that a truncated walk must report: those up to the limit, and two more non-empty ones in each direction. */
function checkLevels(all: Shown[], limit: number, levels: Walk["levels"]): void {
  const cut = all[limit];
  if (!cut) {
    expect(levels).toEqual([]);
    return;
  }
  const counts = new Map<number, number>();
  for (const { depth } of all) counts.set(depth, (counts.get(depth) ?? 0) + 1);
  const reported = new Map(levels.map(({ depth, count }) => [depth, count]));
  const beyond = [...counts.keys()].filter((depth) => Math.abs(depth) > Math.abs(cut.depth));
  const next = (sign: number) => beyond.filter((depth) => Math.sign(depth) === sign).slice(0, 2);
  const within = [...counts.keys()].filter((depth) => Math.abs(depth) <= Math.abs(cut.depth));
  for (const depth of [...within, ...next(1), ...next(-1)])
    expect([depth, reported.get(depth)]).toEqual([depth, counts.get(depth)]);
  for (const [depth, count] of reported) expect([depth, count]).toEqual([depth, counts.get(depth)]);
}

function pairsOf(joins: { inputs: string[]; outputs: string[] }[]): string[] {
  return [
    ...new Set(joins.flatMap(({ inputs, outputs }) => inputs.flatMap((a) => outputs.map((b) => `${a} ${b}`)))),
  ].sort();
}

/** Expects a walk to return what the port promises, computed the slow way. */
export function checkWalk(graph: Graph, roots: string[], bounds: WalkBounds, walk: Walk): void {
  const depths = signedDepths(graph, roots, bounds);
  const all = everythingShown(graph, depths, bounds.shown);
  const shown = all.slice(0, bounds.limit);
  expect(walk.nodes.map(({ id, depth }) => [id, depth])).toEqual(shown.map(({ id, depth }) => [id, depth]));
  checkLevels(all, bounds.limit, walk.levels);
  const among = new Set(shown.map(({ id }) => id));
  const between = graph.edges.filter(({ from, to }) => among.has(from) && among.has(to));
  if (bounds.shown === "EXECUTION") expect(walk.edges.map(keyOf).sort()).toEqual(between.map(keyOf).sort());
  else {
    const nameOf = new Map(
      graph.versions.map(({ id, artifactKey }) => [id, bounds.shown === "VERSION" ? id : idOfArtifact(artifactKey)]),
    );
    const name = (id: string) => (depths.has(id) && among.has(nameOf.get(id) ?? "") ? [nameOf.get(id) ?? ""] : []);
    const joins = graph.executions.flatMap(({ id }) => {
      const inputs = graph.edges.flatMap(({ from, to }) => (to === id ? name(from) : []));
      const outputs = graph.edges.flatMap(({ from, to }) => (from === id ? name(to) : []));
      return depths.has(id) ? [{ inputs, outputs }] : [];
    });
    expect(pairsOf(walk.joins)).toEqual(pairsOf(joins));
  }
  const keys = new Map(graph.versions.map(({ id, artifactKey }) => [id, artifactKey]));
  for (const { id, project, artifactKey } of walk.nodes) {
    expect(project).toBe(graph.project);
    if (bounds.shown !== "ARTIFACT") expect(artifactKey).toBe(keys.get(id) ?? null);
    else expect(idOfArtifact(artifactKey ?? "")).toBe(id);
  }
}
