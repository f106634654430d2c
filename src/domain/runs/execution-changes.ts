import { statement, type Value } from "../../ports/statement.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import type { TagChange } from "../core/tag-change.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";

export const changeExecution = statement<
  TagChange & { id: string; changes: Value; dropLeaves: string[]; leaves: Value },
  { execution: ExecutionRow }
>("update-execution");

export function startEvents(
  execution: ExecutionRow,
  at: number,
  started: "RUN_STARTED" | "RUN_UPDATED" = "RUN_STARTED",
): NewEvent[] {
  const about = executionEventFields(execution);
  const first: NewEvent = { ...about, type: started, at };
  return finalStatuses.includes(execution.status) ? [first, { ...about, type: "RUN_ENDED", at }] : [first];
}
