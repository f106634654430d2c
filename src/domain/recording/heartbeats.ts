import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { executionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { type Executions, executionEventFields } from "./executions.ts";
import type { LockedExecution } from "./locks.ts";
import type { Recording } from "./plan.ts";

const touchByIds = statement({
  name: "touch-runs",
  params: { ids: v.array(v.string()), by: v.string(), now: v.number() },
  row: { run: executionRow, at: v.number() },
});

/** Records a heartbeat of these runs. Stale ones become RUNNING again; resolves with an event for each of those. */
export async function touchRuns(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  ids: string[],
): Promise<NewEvent[]> {
  if (!ids.length) return [];
  const params = { ids: [...new Set(ids)].sort(), by: ports.newId(), now: ports.now() };
  const revived = await tx.run(touchByIds, params);
  return revived.map(({ run, at }): NewEvent => ({ ...executionEventFields(run), type: "RUN_UPDATED", at }));
}

/** Sets a locked run to RUNNING again when it is stale, and then resolves with the event of that. */
export async function reviveIfStale(
  ports: Pick<Ports, "newId" | "now">,
  tx: Transaction,
  { run }: LockedExecution,
): Promise<NewEvent[]> {
  return run.status === "STALE" ? touchRuns(ports, tx, [run.id]) : [];
}

/** The ids of the runs that a call reports on: those that it names, and those of the steps that it names. */
export function getReportedRuns(existing: Recording["existing"], executions: Executions): string[] {
  return existing.flatMap(({ id, action }) => {
    const found = action === "run:write" ? executions.get(id) : undefined;
    return found ? [found.run?.id ?? found.execution.id] : [];
  });
}
