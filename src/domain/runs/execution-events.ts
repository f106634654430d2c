import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";

/**
 * The events of an execution that starts: RUN_STARTED, then `recorded` (the events of what was recorded with it), then RUN_ENDED if its status
 * is already final. Times are in milliseconds by the run's clock.
 */
export function toStartEvents(
  execution: ExecutionRow,
  startedAt: number,
  recorded: NewEvent[] = [],
  endedAt = startedAt,
): NewEvent[] {
  const fields = executionEventFields(execution);
  const started: NewEvent = { ...fields, type: "RUN_STARTED", at: startedAt };
  const ended: NewEvent = { ...fields, type: "RUN_ENDED", at: endedAt };
  return [started, ...recorded, ...(finalStatuses.includes(execution.status) ? [ended] : [])];
}
