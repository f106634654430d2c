import * as v from "valibot";
import { type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { ServiceContext } from "../core/context.ts";
import { executionRow } from "../core/execution-row.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { executionEventFields } from "../recording/executions.ts";

const findSilentRuns = statement({
  name: "find-silent-runs",
  params: { now: v.number(), limit: v.number() },
  row: { id: v.string() },
});
const markRunsStale = statement({
  name: "mark-runs-stale",
  params: { ids: v.array(v.string()), by: v.string(), now: v.number() },
  row: { run: executionRow, at: v.number() },
});

const batchSize = 100;
/** Milliseconds between two checks, each of them one reading statement. A run becomes stale at most this much too late. */
const checkEveryMs = 1_000;
/** The actor that events about stale runs name. */
const serviceActor = { name: "pedigree", grants: [] };

/**
 * Marks a batch of RUNNING runs STALE that were silent for longer than their project's `staleAfterSeconds`, each with a RUN_UPDATED event, and
 * resolves with the size of the batch. Every call about a run or one of its steps ends the silence. Steps keep their last reported status.
 * The silence is checked again under each run's lock, so any number of replicas may do this at the same time.
 */
async function markStaleBatch(context: ServiceContext<"eventLog">, signal: AbortSignal): Promise<number> {
  const silent = await context.ports.graph.read(findSilentRuns, { now: context.ports.now(), limit: batchSize });
  const ids = silent.map((row) => row.id).sort();
  if (!ids.length) return 0;
  await runIdempotent({ ...context, actor: serviceActor, signal }, async (tx) => {
    const stale = await tx.run(markRunsStale, { ids, by: context.ports.newId(), now: context.ports.now() });
    const events = stale.map(({ run, at }): NewEvent => ({ ...executionEventFields(run), type: "RUN_UPDATED", at }));
    return { result: null, events };
  });
  return ids.length;
}

/** The job that marks silent runs STALE. */
export function markStaleRunsJob(context: ServiceContext<"eventLog">): Job {
  const run = (signal: AbortSignal) => repeatWhileFull(batchSize, () => markStaleBatch(context, signal), signal);
  return { name: "mark-stale-runs", everyMs: checkEveryMs, run };
}
