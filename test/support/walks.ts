import fc from "fast-check";
import { expect } from "vitest";
import type { GraphStore, Walk, WalkBounds, WalkDirection, WalkEdge } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";

/** A statement of a test's own. */
export const say = <P extends Params, R>(text: string): Statement<P, R> => ({ name: "test", text });

/** Which version each edge leaves or comes to, and which execution, by their places. */
export interface Shape {
  versions: number;
  executions: number;
  consumed: (readonly [version: number, execution: number])[];
  produced: (readonly [execution: number, version: number])[];
}

const edge = fc.tuple(fc.nat(29), fc.nat(29));
const edges = fc.array(edge, { maxLength: 40 });

/** Graphs of up to 30 versions and executions, with cycles, parallel edges and parts that hang on nothing. */
export const shapes: fc.Arbitrary<Shape> = fc.record({
  versions: fc.integer({ min: 1, max: 30 }),
  executions: fc.integer({ min: 1, max: 30 }),
  consumed: edges,
  produced: edges,
});

/** What may be asked of a walk. */
export const asked = fc.record({
  direction: fc.constantFrom<WalkDirection>("UPSTREAM", "DOWNSTREAM"),
  roots: fc.array(fc.nat(29), { minLength: 1, maxLength: 3 }),
  bounds: fc.record({
    depth: fc.oneof(fc.integer({ min: 0, max: 4 }), fc.constant(10_000)),
    limit: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.constant(10_000)),
    counted: fc.constantFrom<WalkBounds["counted"]>("THING", "VERSION", "ARTIFACT"),
  }),
});

/** Diamonds in a row: each version read by two executions that both make the next. */
export const ladder = (diamonds: number): Shape => {
  const places = Array.from({ length: diamonds }, (_, i) => i);
  return {
    versions: diamonds + 1,
    executions: diamonds * 2,
    consumed: places.flatMap((i) => [[i, 2 * i] as const, [i, 2 * i + 1] as const]),
    produced: places.flatMap((i) => [[2 * i, i + 1] as const, [2 * i + 1, i + 1] as const]),
  };
};

/** A graph to be put into a store and walked. Three versions in a row share an artifact. */
export interface Graph {
  project: string;
  versions: { id: string; artifactKey: string }[];
  executions: { id: string; label: "Run" | "Step" }[];
  edges: WalkEdge[];
}

/** The shape with ids; slots tell parallel edges apart, and the same edge twice is one. */
export const graphOf = (shape: Shape, project: string): Graph => {
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
};

const edgeOf = (from: string, to: string, kind: WalkEdge["kind"], i: number): WalkEdge => ({
  from,
  to,
  kind,
  slot: i % 2 ? "s" : "",
  role: i % 3 ? "" : "r",
});
const keyOf = ({ from, to, kind, slot, role }: WalkEdge): string => [from, to, kind, slot, role].join("|");

/** Removes what a test put into a project. */
export const cleared = say<{ project: string }, never>("MATCH (n:Thing) WHERE n.project = $project DETACH DELETE n");

/** Puts a graph into a store. */
export const build = (store: GraphStore, { project, versions, executions, edges }: Graph): Promise<void> =>
  store.write(async (tx) => {
    const things = say(`UNWIND $versions AS row
      CREATE (:Thing:Version {id: row.id, project: $project, artifactKey: row.artifactKey})`);
    await tx.run(things, { project, versions });
    for (const label of ["Run", "Step"]) {
      const ids = executions.filter((execution) => execution.label === label).map(({ id }) => id);
      await tx.run(say(`UNWIND $ids AS id CREATE (:Thing:Execution:${label} {id: id, project: $project})`), {
        project,
        ids,
      });
    }
    for (const [kind, type] of [
      ["CONSUMED", "CONSUMED_BY"],
      ["PRODUCED", "PRODUCED"],
    ]) {
      const rows = edges.filter((item) => item.kind === kind).map((item) => ({ ...item }));
      const link = say(`UNWIND $rows AS row MATCH (a:Thing {id: row.from}) MATCH (b:Thing {id: row.to})
        CREATE (a)-[:${type} {slot: row.slot, role: row.role}]->(b)`);
      await tx.run(link, { rows });
    }
  });

/** Everything reached, by its depth: breadth first, two hops a level. */
const depthsOf = (graph: Graph, roots: string[], direction: WalkDirection): Map<string, number> => {
  const depths = new Map(roots.map((id) => [id, 0]));
  let frontier = [...depths.keys()];
  for (let hop = 1; frontier.length; hop++) {
    const next = frontier.flatMap((id) =>
      graph.edges.flatMap(({ from, to }) =>
        direction === "DOWNSTREAM" ? (from === id ? [to] : []) : to === id ? [from] : [],
      ),
    );
    frontier = [...new Set(next)].filter((id) => !depths.has(id));
    for (const id of frontier) depths.set(id, Math.ceil(hop / 2));
  }
  return depths;
};

/** Which depth each counted thing is first met at. */
const countedAt = (graph: Graph, depths: Map<string, number>, counted: WalkBounds["counted"]): number[] => {
  if (counted === "THING") return [...depths.values()];
  const first = new Map<string, number>();
  for (const { id, artifactKey } of graph.versions) {
    const depth = depths.get(id);
    const key = counted === "VERSION" ? id : artifactKey;
    if (depth !== undefined) first.set(key, Math.min(depth, first.get(key) ?? depth));
  }
  return [...first.values()];
};

/** Expects of a walk what the port promises, found the slow way. */
export const checkWalk = (
  graph: Graph,
  roots: string[],
  direction: WalkDirection,
  bounds: WalkBounds,
  walk: Walk,
): void => {
  const depths = depthsOf(graph, roots, direction);
  const counted = countedAt(graph, depths, bounds.counted).filter((depth) => depth <= bounds.depth);
  const within = (depth: number) => counted.filter((at) => at <= depth).length;
  const levels = [...new Set(counted)].sort((a, b) => a - b);
  const cut = levels.find((depth) => within(depth) > bounds.limit);
  const shown = [...depths]
    .filter(([, depth]) => depth <= Math.min(bounds.depth, cut ?? bounds.depth))
    .map(([id]) => id);
  expect(walk.nodes.map((node) => node.id).sort()).toEqual(shown.sort());
  expect(walk.next).toBe(cut === undefined ? null : (levels.find((depth) => depth > cut) ?? null));
  const among = new Set(shown);
  const recorded = new Map(graph.edges.map((item) => [keyOf(item), item]));
  const given = new Set(walk.edges.map(keyOf));
  for (const [key, { from, to }] of recorded) if (among.has(from) && among.has(to)) expect(given).toContain(key);
  for (const key of given) expect(recorded.has(key)).toBe(true);
  const artifacts = new Map(graph.versions.map((version) => [version.id, version.artifactKey]));
  for (const node of walk.nodes) {
    const label = artifacts.has(node.id) ? "Version" : graph.executions.find(({ id }) => id === node.id)?.label;
    expect(node).toEqual({ id: node.id, label, project: graph.project, artifactKey: artifacts.get(node.id) ?? null });
  }
};
