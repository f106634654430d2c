import type { EndExecutionInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateText } from "../core/validation.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { executionEventFields } from "../recording/executions.ts";
import { changeExecution } from "./execution-events.ts";
import { statusChanges } from "./statuses.ts";

const noLeaves = { metadata: [], parameters: [] };

/** Ends an execution; one that has ended stays as it is (`ILLEGAL_TRANSITION`). */
export async function endExecution(
  context: RequestContext<"eventLog">,
  input: EndExecutionInput,
): Promise<{ execution: Run | Step }> {
  const { id, status } = input;
  if (!finalStatuses.includes(status)) throw invalid("status", `an execution ends ${finalStatuses.join(", ")}`);
  const error = validateText(input.error, "error");
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, id, "id");
    const { execution, at } = locked;
    const changes = { ...statusChanges(execution, status, context.ports.now(), input.endedAt), error };
    if (changes.endedAt !== undefined && changes.endedAt < (execution.startedAt ?? changes.endedAt))
      throw invalid("endedAt", "before startedAt");
    tx.send(changeExecution, { id, at, changes, addTags: [], removeTags: [], dropLeaves: [], leaves: noLeaves });
    const woken = execution.label === "Step" ? await reviveIfStale(context.ports, tx, locked) : [];
    return { result: id, events: [...woken, { ...executionEventFields(execution), type: "RUN_ENDED", at }] };
  });
  return { execution: await loadExecution(context.ports, id) };
}
