import { describe, expect, it, vi } from "vitest";
import { isUnavailable } from "../../src/domain/core/errors.ts";
import { createBatchedLookup } from "../../src/lib/batch-calls.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";

/** Looks up numbers and notes their batches. */
function lookup(fails: (items: number[]) => Promise<unknown> = async () => undefined) {
  const batches: number[][] = [];
  const find = createBatchedLookup(async (items: number[]) => {
    batches.push(items);
    await fails(items);
    return (item: number) => item * 10;
  }, isUnavailable);
  return { find, batches };
}

describe("batched lookups", () => {
  it("lookups at the same time share a batch, and each gets its own result", async () => {
    const { find, batches } = lookup();
    const first = find(1);
    await Promise.resolve();
    expect(await Promise.all([first, find(2), find(3), find(4)])).toEqual([10, 20, 30, 40]);
    expect(batches).toEqual([[1, 2, 3, 4]]);
  });

  it("a lookup waits only briefly for a batch under way", async () => {
    const never = new Promise<void>(() => undefined);
    const { find, batches } = lookup((items) => (items.includes(1) ? never : Promise.resolve()));
    void find(1);
    await vi.waitFor(() => expect(batches).toEqual([[1]]));
    expect(await Promise.all([find(2), find(3)])).toEqual([20, 30]);
  });

  it("a failing lookup does not fail the others of its batch", async () => {
    const { find } = lookup((items) => (items.includes(2) ? Promise.reject(new RangeError("two")) : Promise.resolve()));
    const outcomes = await Promise.allSettled([find(1), find(2), find(3)]);
    expect(outcomes).toMatchObject([{ value: 10 }, { reason: new RangeError("two") }, { value: 30 }]);
  });

  it("lookups are not repeated one by one while the store is unavailable", async () => {
    const { find, batches } = lookup(() => Promise.reject(new Unavailable("graph", new Error("away"))));
    await Promise.allSettled([find(1), find(2)]);
    expect(batches.flat().sort()).toEqual([1, 2]);
  });
});
