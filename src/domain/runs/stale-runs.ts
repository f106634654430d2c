import { type PeriodicTask, repeatWhileFull, startPeriodicTask } from "../../lib/periodic-task.ts";
import { statement } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import type { ExecutionRow } from "../core/rows.ts";
import { executionEventFields } from "../recording/executions.ts";

const findSilentRuns = statement<{ now: number; limit: number }, { id: string }>("silent-runs");
const markRunsStale = statement<{ ids: string[]; by: string; now: number }, { run: ExecutionRow; at: number }>(
  "make-stale",
);

const batch = 100;
/** Milliseconds between two looks, each one reading statement: a run is stale that much later at most. */
const every = 1_000;
/** Who makes runs stale, in their events. */
const service = { name: "pedigree", grants: [] };

/**
 * Makes a batch of RUNNING runs STALE that were silent for longer than their project's `staleAfterSeconds`, each with its RUN_UPDATED event; says
 * how many were looked at. Any call about a run, or about one of its steps, breaks the silence. Steps keep the status that was last reported of
 * them. Silence is looked at again under each run's lock, so any number of replicas may do this at once.
 */
async function markStaleBatch(deps: Deps): Promise<number> {
  const ids = (await deps.graph.read(findSilentRuns, { now: deps.now(), limit: batch })).map((row) => row.id).sort();
  if (!ids.length) return 0;
  await runIdempotent(deps, service, async (tx) => {
    const stale = await tx.run(markRunsStale, { ids, by: deps.newId(), now: deps.now() });
    const events = stale.map(({ run, at }): NewEvent => ({ ...executionEventFields(run), type: "RUN_UPDATED", at }));
    return { result: null, events };
  });
  return ids.length;
}

/** Looks for runs that fell silent from time to time; `onError` hears of failures, and the next turn tries again. */
export function startMarkingStaleRuns(deps: Deps, onError: (error: unknown) => void): PeriodicTask {
  return startPeriodicTask(every, (signal) => repeatWhileFull(batch, () => markStaleBatch(deps), signal), onError);
}
