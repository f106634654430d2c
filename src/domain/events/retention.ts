import * as v from "valibot";
import { checkIntervalMs, type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";

const lockLog = statement({
  name: "lock-log",
  params: { by: v.string(), limit: v.number() },
  row: { first: v.number(), events: v.array(v.object({ seq: v.number(), at: v.number() })) },
});
const trimLog = statement({
  name: "trim-log",
  params: { first: v.number(), seqs: v.array(v.number()) },
  row: {},
});

/** Maximum events that one transaction deletes. */
const batchSize = 1_000;

/**
 * Deletes a batch of events from the log's beginning while holding its lock; resolves with how many. Stops at the first event that is not older than
 * `before`, so that what is kept has no gap.
 */
function trimBatch({ graph, newId }: Pick<Ports, "graph" | "newId">, before: number): Promise<number> {
  return graph.write(async (tx) => {
    const [log] = await tx.run(lockLog, { by: newId(), limit: batchSize });
    if (!log) return 0;
    const events = log.events.sort((a, b) => a.seq - b.seq);
    const firstKept = events.findIndex(({ at }) => at >= before);
    const seqs = events.slice(0, firstKept < 0 ? events.length : firstKept).map(({ seq }) => seq);
    if (seqs.length) tx.send(trimLog, { first: log.first + seqs.length, seqs });
    return seqs.length;
  });
}

/** Deletes events older than `retentionMs`, oldest first, in batches; resolves with how many. The numbers of later events don't change. */
export function trimEvents(
  ports: Pick<Ports, "graph" | "newId" | "now">,
  retentionMs: number,
  signal?: AbortSignal,
): Promise<number> {
  const before = ports.now() - retentionMs;
  return repeatWhileFull(batchSize, () => trimBatch(ports, before), signal);
}

/** The job that deletes events older than `retentionMs`. */
export function trimEventsJob(ports: Pick<Ports, "graph" | "newId" | "now">, retentionMs: number): Job {
  return {
    name: "trim-events",
    everyMs: checkIntervalMs(retentionMs),
    run: (signal) => trimEvents(ports, retentionMs, signal),
  };
}
