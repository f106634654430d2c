import type { Status } from "../../model/enums.ts";
import type { UpdateExecutionInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateMetadata } from "../core/metadata.ts";
import { validateObject, validateTags } from "../core/validation.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { executionEventFields, toJsonLeaves } from "../recording/executions.ts";
import { changeExecution } from "./execution-changes.ts";
import { nextStatus, statusChanges } from "./statuses.ts";

function merged(text: string, change: Record<string, unknown>, field: string): string {
  return JSON.stringify(validateObject({ ...(JSON.parse(text) as object), ...change }, field));
}

/** What an update sets of an execution, and the leaves of what JSON it changes. */
function changesOf(
  ports: Pick<Ports, "now">,
  execution: ExecutionRow,
  status: Status | null,
  input: UpdateExecutionInput,
) {
  const metadata = validateMetadata(input.metadata, "metadata");
  const parameters = validateMetadata(input.parameters, "parameters");
  const changes = {
    ...(status && statusChanges(execution, status, ports.now())),
    ...(input.metadata ? { metadata: merged(execution.metadata, metadata, "metadata") } : {}),
    ...(input.parameters ? { parameters: merged(execution.parameters, parameters, "parameters") } : {}),
  };
  const { metadata: newMetadata, parameters: newParameters } = changes;
  return {
    changes,
    dropLeaves: [...(newMetadata ? ["HAS_METADATA"] : []), ...(newParameters ? ["HAS_PARAMETER"] : [])],
    leaves: {
      metadata: newMetadata ? toJsonLeaves(newMetadata, execution.project) : [],
      parameters: newParameters ? toJsonLeaves(newParameters, execution.project) : [],
    },
  };
}

/** Changes an execution's status, metadata, parameters and tags; with the id alone it is a heartbeat, which writes no event. */
export async function updateExecution(
  context: RequestContext<"eventLog">,
  input: UpdateExecutionInput,
): Promise<{ execution: Run | Step }> {
  const addTags = validateTags(input.tags?.add, "tags.add");
  const removeTags = validateTags(input.tags?.remove, "tags.remove");
  if (input.status === "STALE") throw invalid("status", "only the service makes an execution STALE");
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, input.id, "id");
    const { execution, at } = locked;
    const status = nextStatus(execution.status, input.status);
    const change = changesOf(context.ports, execution, status, input);
    const woken = execution.label === "Step" ? await reviveIfStale(context.ports, tx, locked) : [];
    const heartbeat = Object.keys(change.changes).length === 0 && !addTags.length && !removeTags.length;
    if (heartbeat) return { result: input.id, events: woken };
    tx.send(changeExecution, { id: input.id, at, ...change, addTags, removeTags });
    const type = status && finalStatuses.includes(status) ? "RUN_ENDED" : "RUN_UPDATED";
    return { result: input.id, events: [...woken, { ...executionEventFields(execution), type, at }] };
  });
  return { execution: await loadExecution(context.ports, input.id) };
}
