import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { computeStaleVersions, type IndexedVersion } from "../../src/domain/lineage/batch-staleness.ts";
import { type PlainGraph, plainStaleness } from "../oracle/answers.ts";

const size = { versions: 700, artifacts: 110, away: 60 };
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** More versions than one batch: most are made from recent ones, a few from later ones, so that there are cycles. */
const plans = fc.array(
  fc.record({
    artifact: fc.nat(size.artifacts - 1),
    deleted: fc.nat(9).map((n) => n === 0),
    reads: fc.array(fc.integer({ min: -2, max: size.away }), { maxLength: 2 }),
    alsoMakes: fc.option(fc.nat(size.away), { nil: null, freq: 8 }),
  }),
  { minLength: size.versions, maxLength: size.versions },
);

function graphOf(plan: typeof plans extends fc.Arbitrary<infer P> ? P : never): PlainGraph {
  const last = new Map<number, number>();
  const versions = plan.map(({ artifact, deleted }, i) => {
    const number = (last.get(artifact) ?? 0) + 1;
    last.set(artifact, number);
    return { id: `v${i}`, artifact: `a${artifact}`, project: "p", number, deleted, aliases: [] };
  });
  const within = (i: number) => `v${Math.min(plan.length - 1, Math.max(0, i))}`;
  const edges = plan.flatMap(({ reads, alsoMakes }, i) => [
    ...reads.map((away) => ({ from: within(i - away), to: `x${i}` })),
    { from: `x${i}`, to: `v${i}` },
    ...(alsoMakes === null ? [] : [{ from: `x${i}`, to: within(i + alsoMakes) }]),
  ]);
  const executions = plan.map((_, i) => ({ id: `x${i}`, project: "p" }));
  return { versions, executions, edges: edges.map((edge) => ({ ...edge, slot: "", role: "" })) };
}

/** The same graph with numbers for nodes, versions first. */
function numbered({ versions, edges }: PlainGraph) {
  const numberOf = (id: string) => Number(id.slice(1)) + (id.startsWith("x") ? versions.length : 0);
  const artifacts = new Map<string, IndexedVersion[]>();
  versions.forEach(({ artifact, number, deleted }, node) => {
    artifacts.set(artifact, [{ node, number, ready: !deleted }, ...(artifacts.get(artifact) ?? [])]);
  });
  return {
    nodeCount: versions.length * 2,
    froms: Int32Array.from(edges, ({ from }) => numberOf(from)),
    tos: Int32Array.from(edges, ({ to }) => numberOf(to)),
    artifacts: [...artifacts.values()],
  };
}

describe("staleness in a large graph", () => {
  it(`every version of a large graph is stale exactly by the definition (SEED=${seed})`, async () => {
    const [plan = []] = fc.sample(plans, { seed, numRuns: 1 });
    const graph = graphOf(plan);
    const all = graph.versions.map((_, i) => i);
    const expected = all.filter((i) => plainStaleness(graph, `v${i}`, () => true).length > 0);
    const found = await computeStaleVersions(numbered(graph), all);
    expect(found.sort((a, b) => a - b)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(20);
    expect(expected.length).toBeLessThan(size.versions - 20);
  }, 60_000);
});
