import type { EndExecutionInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { validateText } from "../core/validation.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";
import { reviveIfStale } from "../recording/heartbeats.ts";
import { lockExecution } from "../recording/locks.ts";
import { toWarning } from "./execution-events.ts";
import { toStatusChanges } from "./statuses.ts";
import { writeExecutionChanges } from "./update-execution.ts";

/** Ends a run or step with a final status. One that has already ended stays as it is (`ILLEGAL_TRANSITION`). */
export async function endExecution(
  context: RequestContext<"eventLog">,
  input: EndExecutionInput,
): Promise<{ execution: Run | Step }> {
  const { id, status } = input;
  if (!finalStatuses.includes(status))
    throw invalid("status", `${status} does not end an execution; use one of ${finalStatuses.join(", ")}`);
  const error = validateText(input.error, "error");
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, id, "id");
    const { execution, at } = locked;
    const changes = { ...toStatusChanges(execution, status, context.ports.now(), input.endedAt), error };
    tx.send(writeExecutionChanges, {
      id,
      at,
      changes,
      addTags: [],
      removeTags: [],
      dropLeaves: [],
      leaves: { metadata: [], parameters: [] },
    });
    const revived = execution.label === "Step" ? await reviveIfStale(context.ports, tx, locked) : [];
    const warning = toWarning([{ ...execution, ...changes }]);
    const ended: NewEvent = { ...executionEventFields(execution), type: "RUN_ENDED", at, ...warning };
    return { result: id, events: [...revived, ended] };
  });
  return { execution: await loadExecution(context.ports, id) };
}
