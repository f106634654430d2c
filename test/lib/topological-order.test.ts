import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topologicalGroups } from "../../src/lib/topological-order.ts";

/** What must come before each of some things: their numbers, as an adjacency list. */
const graphs = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }));

/** Everything that something can be reached from by one step or more, looked for in the plainest way. */
function reachable(graph: number[][]): Set<number>[] {
  return graph.map((_, start) => {
    const seen = new Set<number>();
    const visit = (at: number): void => {
      for (const next of graph[at] ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        visit(next);
      }
    };
    visit(start);
    return seen;
  });
}

function ordered(graph: number[][]) {
  return topologicalGroups(graph.map((before, i) => ({ id: `${i}`, before: before.map(String) }))).map((group) =>
    group.map(Number),
  );
}

describe("an order by what needs what", () => {
  it("has everything once, after all that must come before it, with cycles together", () => {
    fc.assert(
      fc.property(graphs, (graph) => {
        const groups = ordered(graph);
        const reach = reachable(graph);
        expect(groups.flat().sort((a, b) => a - b)).toEqual(graph.map((_, i) => i));
        const place = new Map(groups.flatMap((group, at) => group.map((id) => [id, at] as const)));
        const pairs = graph.flatMap((_, a) => graph.flatMap((_unused, b) => (a === b ? [] : [{ a, b }])));
        for (const { a, b } of pairs) {
          const [forth, back] = [reach[a]?.has(b), reach[b]?.has(a)];
          expect(place.get(a) === place.get(b), `${a} and ${b}`).toBe(Boolean(forth && back));
          if (forth && !back) expect(place.get(a)).toBeGreaterThan(place.get(b) ?? Number.NaN);
        }
        for (const group of groups) expect(group).toEqual([...group].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it("is the one given where nothing else is said", () => {
    expect(ordered([[], [], [], []])).toEqual([[0], [1], [2], [3]]);
    expect(ordered([[2], [], []]).flat()).toEqual([2, 0, 1]);
  });

  it("of 100,000 things in a row is found without recursion", () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => (i ? [i - 1] : []));
    expect(ordered(chain).flat()).toEqual(chain.map((_, i) => i));
  });
});
