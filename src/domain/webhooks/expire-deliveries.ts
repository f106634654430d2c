import * as v from "valibot";
import { type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";

const expireDeliveries = statement({
  name: "expire-deliveries",
  params: { before: v.number(), limit: v.number() },
  row: { deleted: v.number() },
});

const hourMs = 3_600_000;
/** How long deliveries are listed. */
const retentionMs = 30 * 24 * hourMs;
const batchSize = 500;

/** The job that deletes deliveries older than 30 days. */
export function expireDeliveriesJob({ graph, now }: Pick<Ports, "graph" | "now">): Job {
  const run = (signal: AbortSignal) => {
    const params = { before: now() - retentionMs, limit: batchSize };
    const deleteBatch = async () => {
      const [row] = await graph.write((tx) => tx.run(expireDeliveries, params));
      return row?.deleted ?? 0;
    };
    return repeatWhileFull(batchSize, deleteBatch, signal);
  };
  return { name: "expire-deliveries", everyMs: hourMs, run };
}
