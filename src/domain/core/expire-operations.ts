import * as v from "valibot";
import { type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "./context.ts";

const expireOperations = statement({
  name: "expire-operations",
  params: { now: v.number(), limit: v.number() },
  row: { expired: v.number() },
});

const batchSize = 1_000;
const everyMs = 50_000;

/** Deletes the records of writes that can no longer be retried, in batches; resolves with how many. */
function deleteExpired({ graph, now }: Pick<Ports, "graph" | "now">, signal: AbortSignal): Promise<number> {
  const deleteBatch = async () => {
    const [row] = await graph.write((tx) => tx.run(expireOperations, { now: now(), limit: batchSize }));
    return row?.expired ?? 0;
  };
  return repeatWhileFull(batchSize, deleteBatch, signal);
}

/** The job that deletes expired operations (see `runIdempotent`). */
export function expireOperationsJob(ports: Pick<Ports, "graph" | "now">): Job {
  return { name: "expire-operations", everyMs, run: (signal) => deleteExpired(ports, signal) };
}
