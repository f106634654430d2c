import { type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { ServiceContext } from "../core/context.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { executionEventFields } from "../recording/executions.ts";

const findSilentRuns = statement<{ now: number; limit: number }, { id: string }>("find-silent-runs");
const markRunsStale = statement<{ ids: string[]; by: string; now: number }, { run: ExecutionRow; at: number }>(
  "mark-runs-stale",
);

const batchSize = 100;
/** Milliseconds between two looks, each one reading statement: a run is stale that much later at most. */
const everyMs = 1_000;
/** Who makes runs stale, in their events. */
const service = { name: "pedigree", grants: [] };

/**
 * Makes a batch of RUNNING runs STALE that were silent for longer than their project's `staleAfterSeconds`, each with its RUN_UPDATED event; says
 * how many were looked at. Any call about a run, or about one of its steps, breaks the silence. Steps keep the status that was last reported of
 * them. Silence is looked at again under each run's lock, so any number of replicas may do this at once.
 */
async function markStaleBatch(context: ServiceContext<"eventLog">): Promise<number> {
  const ids = (await context.ports.graph.read(findSilentRuns, { now: context.ports.now(), limit: batchSize }))
    .map((row) => row.id)
    .sort();
  if (!ids.length) return 0;
  await runIdempotent({ ...context, actor: service }, async (tx) => {
    const stale = await tx.run(markRunsStale, { ids, by: context.ports.newId(), now: context.ports.now() });
    const events = stale.map(({ run, at }): NewEvent => ({ ...executionEventFields(run), type: "RUN_UPDATED", at }));
    return { result: null, events };
  });
  return ids.length;
}

/** The job that marks silent runs STALE. */
export function markStaleRunsJob(context: ServiceContext<"eventLog">): Job {
  const markBatch = () => markStaleBatch(context);
  return { name: "mark-stale-runs", everyMs, run: (signal) => repeatWhileFull(batchSize, markBatch, signal) };
}
