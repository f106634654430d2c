import { describe, expect, it, vi } from "vitest";
import { isUnavailable } from "../../src/domain/core/errors.ts";
import { createBatchedLookup } from "../../src/lib/batch-calls.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";

/** Looks numbers up; notes with which others each was. */
function lookup(fails: (items: number[]) => Promise<unknown> = async () => undefined) {
  const batches: number[][] = [];
  const find = createBatchedLookup(async (items: number[]) => {
    batches.push(items);
    await fails(items);
    return (item: number) => item * 10;
  }, isUnavailable);
  return { find, batches };
}

describe("what is looked up together", () => {
  it("goes in one batch, when it comes at the same time, and gets each its own", async () => {
    const { find, batches } = lookup();
    const first = find(1);
    await Promise.resolve();
    expect(await Promise.all([first, find(2), find(3), find(4)])).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1, 2, 3, 4]]);
  });

  it("does not wait for long for others who wait", async () => {
    const never = new Promise<void>(() => undefined);
    const { find, batches } = lookup((items) => (items.includes(1) ? never : Promise.resolve()));
    void find(1);
    await vi.waitFor(() => expect(batches).toEqual([[1]]));
    expect(await Promise.all([find(2), find(3)])).toEqual([20, 30]);
  });

  it("fails for whoever is at fault, not for those beside", async () => {
    const { find } = lookup((items) => (items.includes(2) ? Promise.reject(new RangeError("two")) : Promise.resolve()));
    const outcomes = await Promise.allSettled([find(1), find(2), find(3)]);
    expect(outcomes).toMatchObject([{ value: 10 }, { reason: new RangeError("two") }, { value: 30 }]);
  });

  it("is not tried again when the store is away", async () => {
    const { find, batches } = lookup(() => Promise.reject(new Unavailable("graph", new Error("away"))));
    await Promise.allSettled([find(1), find(2)]);
    expect(batches.flat().sort()).toEqual([1, 2]);
  });
});
