import type { RecordLineageInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { validateList, validateSlot } from "../core/validation.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { executionEventFields } from "../recording/executions.ts";
import { record } from "../recording/record.ts";

/** Records what an execution read and made, of versions that are there; what is recorded already stays one edge. */
export async function recordLineage(
  context: RequestContext<"eventLog">,
  input: RecordLineageInput,
): Promise<{ execution: Run | Step }> {
  const slots = (list: RecordLineageInput["inputs"], field: string) =>
    validateList(list, field).map((one, i) => ({
      execution: input.execution,
      ...validateSlot(one, `${field}[${i}].`),
      reference: { text: one.version, field: `${field}[${i}].version` },
    }));
  const inputs = slots(input.inputs, "inputs").map(({ reference, ...rest }) => ({ ...rest, read: reference }));
  const outputs = slots(input.outputs, "outputs").map(({ reference, ...rest }) => ({
    ...rest,
    made: reference,
    siblings: 1,
  }));
  let execution: ExecutionRow | undefined;
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, input.execution, "execution");
    execution = locked.execution;
    const recording = { project: execution.project, run: null, locked, existing: [], outputs, inputs };
    const { end } = await record(context, tx, recording);
    const event: NewEvent = { ...executionEventFields(execution), type: "LINEAGE_RECORDED", at: end };
    const woken = await reviveIfStale(context.ports, tx, locked);
    if (woken.length && execution.label === "Run") execution = { ...execution, status: "RUNNING" };
    return { result: input.execution, events: inputs.length || outputs.length ? [...woken, event] : woken };
  });
  return { execution: execution ? toExecution(execution) : await loadExecution(context.ports, input.execution) };
}
