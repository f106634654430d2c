import * as v from "valibot";
import type { Status } from "../../model/enums.ts";
import type { UpdateExecutionInput } from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import { anyValue, statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { type ExecutionRow, executionRow } from "../core/execution-row.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { validateMetadata } from "../core/metadata.ts";
import { parseJson } from "../core/row-values.ts";
import { tagChangeParams } from "../core/tag-change.ts";
import { validateObject, validateTags } from "../core/validation.ts";
import { finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields, toJsonLeaves } from "../recording/executions.ts";
import { reviveIfStale } from "../recording/heartbeats.ts";
import { lockExecution } from "../recording/locks.ts";
import { getNextStatus, toStatusChanges } from "./statuses.ts";

/** Writes changed properties, tags and leaves of an execution that is locked. */
export const writeExecutionChanges = statement({
  name: "update-execution",
  params: {
    ...tagChangeParams,
    id: v.string(),
    changes: anyValue,
    dropLeaves: v.array(v.picklist(["HAS_METADATA", "HAS_PARAMETER"])),
    leaves: v.object({ metadata: anyValue, parameters: anyValue }),
  },
  row: { execution: executionRow },
});

function mergeJson(current: string, changed: Record<string, unknown>, field: string): string {
  return JSON.stringify(validateObject({ ...parseJson<object>(current), ...changed }, field));
}

/** The properties that an update changes, and the leaves of the JSON among them. */
function toChanges(
  ports: Pick<Ports, "now">,
  execution: ExecutionRow,
  status: Status | null,
  input: UpdateExecutionInput,
) {
  const changed = {
    metadata: validateMetadata(input.metadata, "metadata"),
    parameters: validateMetadata(input.parameters, "parameters"),
  };
  const statusChanges = status && toStatusChanges(execution, status, ports.now());
  const metadata = input.metadata ? mergeJson(execution.metadata, changed.metadata, "metadata") : null;
  const parameters = input.parameters ? mergeJson(execution.parameters, changed.parameters, "parameters") : null;
  return {
    changes: {
      ...statusChanges,
      ...(metadata && { metadata }),
      ...(parameters && { parameters }),
    },
    dropLeaves: [...(metadata ? (["HAS_METADATA"] as const) : []), ...(parameters ? (["HAS_PARAMETER"] as const) : [])],
    leaves: {
      metadata: metadata ? toJsonLeaves(metadata, execution.project) : [],
      parameters: parameters ? toJsonLeaves(parameters, execution.project) : [],
    },
  };
}

/**
 * Changes an execution's status, metadata, parameters and tags. With the id alone it is a heartbeat, which writes no event unless the run was
 * stale. A status that cannot follow the current one is `ILLEGAL_TRANSITION`.
 */
export async function updateExecution(
  context: RequestContext<"eventLog">,
  input: UpdateExecutionInput,
): Promise<{ execution: Run | Step }> {
  const addTags = validateTags(input.tags?.add, "tags.add");
  const removeTags = validateTags(input.tags?.remove, "tags.remove");
  if (input.status === "STALE") throw invalid("status", "STALE is set by the service only");
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, input.id, "id");
    const { execution, at } = locked;
    const status = getNextStatus(execution.status, input.status);
    const change = toChanges(context.ports, execution, status, input);
    const revived = execution.label === "Step" ? await reviveIfStale(context.ports, tx, locked) : [];
    const isHeartbeat = Object.keys(change.changes).length === 0 && !addTags.length && !removeTags.length;
    if (isHeartbeat) return { result: input.id, events: revived };
    tx.send(writeExecutionChanges, { id: input.id, at, ...change, addTags, removeTags });
    const type = status && finalStatuses.includes(status) ? "RUN_ENDED" : "RUN_UPDATED";
    return { result: input.id, events: [...revived, { ...executionEventFields(execution), type, at }] };
  });
  return { execution: await loadExecution(context.ports, input.id) };
}
