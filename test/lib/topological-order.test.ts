import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { topologicalGroups } from "../../src/lib/topological-order.ts";

/** An adjacency list: the dependencies of each item by number. */
const graphs = fc
  .integer({ min: 1, max: 12 })
  .chain((size) => fc.array(fc.array(fc.nat(size - 1), { maxLength: 3 }), { minLength: size, maxLength: size }));

/** Everything reachable in one step or more, by plain search. */
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

describe("the topological order", () => {
  it("a topological order has every item once, after its dependencies, with cycles kept together", () => {
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

  it("a topological order keeps the given order where nothing else is required", () => {
    expect(ordered([[], [], [], []])).toEqual([[0], [1], [2], [3]]);
    expect(ordered([[2], [], []]).flat()).toEqual([2, 0, 1]);
  });

  it("a topological order of a chain of 100,000 items is found without recursion", () => {
    const chain = Array.from({ length: 100_000 }, (_, i) => (i ? [i - 1] : []));
    expect(ordered(chain).flat()).toEqual(chain.map((_, i) => i));
  });
});
