import type { Status } from "../../model/enums.ts";
import type {
  EndExecutionInput,
  RecordLineageInput,
  StartRunInput,
  StartStepInput,
  UpdateExecutionInput,
} from "../../model/execution.input.ts";
import type { Run, Step } from "../../model/execution.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadExecution, loadRun, loadStep } from "../core/entities.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { validateMetadata } from "../core/metadata.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize } from "../core/permissions.ts";
import { type ExecutionRow, toExecution } from "../core/rows.ts";
import type { TagChange } from "../core/tag-change.ts";
import {
  validateList,
  validateObject,
  validateProjectName,
  validateShortText,
  validateSlot,
  validateTags,
  validateText,
} from "../core/validation.ts";
import { draftExecution, finalStatuses } from "../recording/execution-draft.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { executionEventFields, findExecutions, toExecutionLeaves, toJsonLeaves } from "../recording/executions.ts";
import { record } from "../recording/record.ts";
import { nextStatus, statusChanges } from "./statuses.ts";

const changeExecution = statement<
  TagChange & { id: string; changes: Value; dropLeaves: string[]; leaves: Value },
  { execution: ExecutionRow }
>("change-execution");
const createStep = statement<{ step: Value; tags: string[]; leaves: Value }, { id: string }>("create-step");
const noLeaves = { metadata: [], parameters: [] };

function startEvents(
  execution: ExecutionRow,
  at: number,
  started: "RUN_STARTED" | "RUN_UPDATED" = "RUN_STARTED",
): NewEvent[] {
  const about = executionEventFields(execution);
  const first: NewEvent = { ...about, type: started, at };
  return finalStatuses.includes(execution.status) ? [first, { ...about, type: "RUN_ENDED", at }] : [first];
}

/** Starts a run; the project is created when missing. The same `key` and input give the same run, `created: false`. */
export async function startRun(
  context: RequestContext<"eventLog">,
  input: StartRunInput,
): Promise<{ run: Run; created: boolean }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "run:write", project);
  const status = input.status ?? "RUNNING";
  if (status !== "RUNNING" && status !== "QUEUED") throw invalid("status", "a run starts QUEUED or RUNNING");
  const { pipeline, parent, key, iteration } = input;
  const fields = {
    label: "Run",
    project,
    name: input.name ?? pipeline ?? "run",
    status,
    pipeline,
    parent,
    key,
    iteration,
  } as const;
  const properties = draftExecution(context, fields, null, input, "");
  const tags = validateTags(input.tags, "tags");
  const idempotency = key ? { verb: "startRun", scope: project, key, content: input } : undefined;
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const { events } = await record(context, tx, {
        project,
        run: { properties, tags, steps: [] },
        existing: parent ? [{ id: parent, field: "parent", label: "Run", action: "run:write" }] : [],
        outputs: [],
        inputs: [],
      });
      return { result: properties.id, events: [...events, ...startEvents(properties, properties.createdAt)] };
    },
    idempotency,
  );
  return { run: await loadRun(context.ports, result), created };
}

/** Starts a step of a run that isn't final. The same `key` and input give the same step, `created: false`. */
export async function startStep(
  context: RequestContext<"eventLog">,
  input: StartStepInput,
): Promise<{ step: Step; created: boolean }> {
  const status = input.status ?? "RUNNING";
  if (status === "STALE") throw invalid("status", "only the service makes an execution STALE");
  const tags = validateTags(input.tags, "tags");
  const { key, cachedFrom, name, run } = input;
  if (key) validateShortText(key, "key");
  authorize(context.actor, "run:write", (await loadRun(context.ports, run)).projectName);
  const idempotency = key ? { verb: "startStep", scope: run, key, content: input } : undefined;
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const parent = await lockExecution(context, tx, run, "run");
      if (parent.execution.label !== "Run") throw notFound(`run: run ${run}`);
      checkOpen(parent.execution);
      if (cachedFrom)
        await findExecutions(tx.run, context.actor, [
          { id: cachedFrom, field: "cachedFrom", label: "Step", action: "project:read" },
        ]);
      const fields = { label: "Step", project: parent.execution.project, name, status, key, cachedFrom } as const;
      const drafted = draftExecution(context, fields, parent.execution, input, "");
      const step = { ...drafted, createdAt: parent.at, rank: orderingKey(parent.at, 0, drafted.id) };
      tx.send(createStep, { step, tags, leaves: toExecutionLeaves(step) });
      const woken = await reviveIfStale(context.ports, tx, parent);
      return { result: step.id, events: [...woken, ...startEvents(step, parent.at)] };
    },
    idempotency,
  );
  return { step: await loadStep(context.ports, result), created };
}

function checkOpen({ status }: ExecutionRow): void {
  if (!finalStatuses.includes(status)) return;
  throw new DomainError("ILLEGAL_TRANSITION", `the run is ${status}, which is final: no step begins in it`, {
    from: status,
    to: "RUNNING",
  });
}

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
