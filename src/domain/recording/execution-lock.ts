import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { type Executions, executionEventFields } from "./executions.ts";
import type { Recording } from "./plan.ts";

/** An execution that is locked, the run that it is or is a step of, and the time by that run's clock. */
export interface LockedExecution {
  execution: ExecutionRow;
  run: ExecutionRow;
  at: number;
}
type RunAt = { run: ExecutionRow; at: number };
const lock = statement<{ id: string; by: string; now: number }, LockedExecution>("lock-execution");
const touchRunsStatement = statement<{ ids: string[]; by: string; now: number }, RunAt>("touch-runs");

/** Locks a run or step for a call about it, which is a sign of life of its run; `NOT_FOUND` names the input's `field`. */
export async function lockExecution(
  context: RequestContext,
  tx: Transaction,
  id: string,
  field: string,
): Promise<LockedExecution> {
  const [locked] = await tx.run(lock, { id, by: context.ports.newId(), now: context.ports.now() });
  if (!locked) throw notFound(`${field}: execution ${id} does not exist`);
  authorize(context.actor, "run:write", locked.execution.project);
  return locked;
}

/** Runs by id were heard of: who reports again after a silence isn't stale any more. Their events tell so. */
export async function touchRuns(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  ids: string[],
): Promise<NewEvent[]> {
  if (!ids.length) return [];
  const woken = await tx.run(touchRunsStatement, {
    ids: [...new Set(ids)].sort(),
    by: ports.newId(),
    now: ports.now(),
  });
  return woken.map(({ run, at }): NewEvent => ({ ...executionEventFields(run), type: "RUN_UPDATED", at }));
}

/** A locked run that was stale runs again. */
export async function reviveIfStale(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  { run }: LockedExecution,
): Promise<NewEvent[]> {
  return run.status === "STALE" ? touchRuns(ports, tx, [run.id]) : [];
}

/** The runs that a call writes about: those that it names, and those of the steps that it names. */
export function reportedRuns(existing: Recording["existing"], executions: Executions): string[] {
  return existing.flatMap(({ id, action }) => {
    const found = action === "run:write" ? executions.get(id) : undefined;
    return found ? [found.run?.id ?? found.execution.id] : [];
  });
}
