import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Chunk,
  emptyChunks,
  insertPoints,
  maxChunksFor,
  type Point,
  pointRank,
} from "../../src/domain/runs/metric-points.ts";

/** Adds batches of points one after the other, as calls do. */
function grown(batches: Point[][]): Chunk[] {
  const chunks = new Map<string, Chunk>(emptyChunks().map((chunk) => [chunk.from, chunk]));
  for (const batch of batches)
    for (const chunk of insertPoints([...chunks.values()], batch)) chunks.set(chunk.from, chunk);
  return [...chunks.values()].sort((a, b) => (a.from < b.from ? -1 : 1));
}

function numbered(batches: [number, number][][]): Point[][] {
  let position = 0;
  return batches.map((batch) => batch.map(([time, step]): Point => [time, step, position++, 0.5]));
}

const whole = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.maxSafeInteger());
const history = fc.array(fc.array(fc.tuple(whole, whole), { maxLength: 700 }), { maxLength: 6 }).map(numbered);

describe("chunks of metric points", () => {
  it("chunks hold all points in order, cover every rank once, and are well filled", () => {
    fc.assert(
      fc.property(history, (batches) => {
        const chunks = grown(batches);
        const points = chunks.flatMap((chunk) => chunk.points);
        const expected = batches.flat().sort((a, b) => a[0] - b[0] || a[1] - b[1] || a[2] - b[2]);
        expect(points).toEqual(expected);
        expect(chunks.map((chunk) => chunk.from)).toEqual(["", ...chunks.slice(0, -1).map((chunk) => chunk.until)]);
        expect(chunks.at(-1)?.until).toBe("~");
        for (const { from, until, points: mine } of chunks) {
          expect(mine.length).toBeLessThanOrEqual(250);
          if (until !== "~") expect(mine.length).toBeGreaterThanOrEqual(125);
          for (const point of mine) expect(pointRank(point) >= from && pointRank(point) < until).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });

  it("chunks stay few however points arrive: at the end, at the beginning, or in between", () => {
    const orders = {
      forwards: (i: number) => i,
      backwards: (i: number) => -i,
      between: (i: number) => (i % 2 ? i : -i),
    };
    for (const [name, time] of Object.entries(orders)) {
      const batches = numbered(Array.from({ length: 2_000 }, (_, i) => [[time(i), 0] as [number, number]]));
      expect(grown(batches).length, name).toBeLessThanOrEqual(maxChunksFor(2_000));
    }
  });
});
