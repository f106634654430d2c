import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { describeEndBeforeStart, finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";

/** Maximum number of executions that a warning names. */
const maxWarned = 5;

/** The warning of an event about executions; without one, nothing. */
export function toWarning(executions: Parameters<typeof describeEndBeforeStart>[0][]): Pick<NewEvent, "warning"> {
  const warnings = executions.flatMap((execution) => describeEndBeforeStart(execution) ?? []);
  if (!warnings.length) return {};
  const more = warnings.length > maxWarned ? [`and ${warnings.length - maxWarned} more`] : [];
  return { warning: [...warnings.slice(0, maxWarned), ...more].join("; ") };
}

/**
 * The events of an execution that starts: RUN_STARTED, then `recorded` (the events of what was recorded with it), then RUN_ENDED if its status
 * is already final. Times are in milliseconds by the run's clock. The last one warns of ends that are before their starts, also in `steps`.
 */
export function toStartEvents(
  execution: ExecutionRow,
  startedAt: number,
  recorded: NewEvent[] = [],
  endedAt = startedAt,
  steps: ExecutionRow[] = [],
): NewEvent[] {
  const fields = executionEventFields(execution);
  const started: NewEvent = { ...fields, type: "RUN_STARTED", at: startedAt };
  const ended: NewEvent = { ...fields, type: "RUN_ENDED", at: endedAt };
  const warning = toWarning([execution, ...steps]);
  if (!finalStatuses.includes(execution.status)) return [{ ...started, ...warning }, ...recorded];
  return [started, ...recorded, { ...ended, ...warning }];
}
