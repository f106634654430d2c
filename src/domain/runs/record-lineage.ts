import type { RecordLineageInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { validateList, validateSlot } from "../core/validation.ts";
import { executionEventFields } from "../recording/executions.ts";
import { reviveIfStale } from "../recording/heartbeats.ts";
import { lockExecution } from "../recording/locks.ts";
import { record } from "../recording/record.ts";

/** The versions of a list of slots, by reference, with the slot and role of each. */
function toSlots(execution: string, list: RecordLineageInput["inputs"], field: string) {
  return validateList(list, field).map((item, i) => ({
    slot: { execution, ...validateSlot(item, `${field}[${i}].`) },
    reference: { text: item.version, field: `${field}[${i}].version` },
  }));
}

/** Records existing versions as inputs and outputs of a run or step. Recording the same input or output twice leaves one edge. */
export async function recordLineage(
  context: RequestContext<"eventLog">,
  input: RecordLineageInput,
): Promise<{ execution: Run | Step }> {
  const { execution: id } = input;
  const inputs = toSlots(id, input.inputs, "inputs").map(({ slot, reference }) => ({ ...slot, source: reference }));
  const outputs = toSlots(id, input.outputs, "outputs").map(({ slot, reference }) => ({
    ...slot,
    version: reference,
    outputCount: 1,
  }));
  let recorded: ExecutionRow | undefined;
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, id, "execution");
    const { execution } = locked;
    const recording = { project: execution.project, run: null, locked, existing: [], outputs, inputs };
    const { end } = await record(context, tx, recording);
    const revived = await reviveIfStale(context.ports, tx, locked);
    const isRevivedRun = revived.length > 0 && execution.label === "Run";
    recorded = isRevivedRun ? { ...execution, status: "RUNNING" } : execution;
    const event: NewEvent = { ...executionEventFields(execution), type: "LINEAGE_RECORDED", at: end };
    return { result: id, events: inputs.length || outputs.length ? [...revived, event] : revived };
  });
  return { execution: recorded ? toExecution(recorded) : await loadExecution(context.ports, id) };
}
