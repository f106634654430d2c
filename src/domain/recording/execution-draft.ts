import { isGiven } from "../../lib/is-given.ts";
import type { Status } from "../../model/enums.ts";
import type { ExecutionFields, PublishedExecutionFields } from "../../model/execution.input.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { sortKey, validateMetadata } from "../core/metadata.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { toOptionalJson, validateShortText, validateText } from "../core/validation.ts";

/** Statuses that an execution never leaves. */
export const finalStatuses: readonly Status[] = ["COMPLETED", "FAILED", "CANCELED", "CACHED", "SKIPPED"];

/** What identifies and places a new run or step; its input describes the rest. */
export interface NewExecution {
  label: "Run" | "Step";
  project: string;
  name: string;
  status: Status;
  pipeline?: string | null;
  parent?: string | null;
  key?: string | null;
  iteration?: number | null;
  cachedFrom?: string | null;
}

/** What a step takes from the run that it belongs to. */
export type RunOfStep = Pick<ExecutionRow, "id" | "key" | "name" | "pipeline" | "createdAt">;

/**
 * Start and end: when the input names none, an execution starts now unless it is QUEUED, and ends now (not before its start) when its status is
 * final. Given times are taken as they are: those of an execution that moved between machines may be by two clocks.
 */
function draftTimes(input: Partial<PublishedExecutionFields>, status: Status, now: number, field: string) {
  const isFinal = finalStatuses.includes(status);
  const endedAt = input.endedAt ?? (isFinal ? Math.max(now, input.startedAt ?? now) : null);
  const startedAt = input.startedAt ?? (status === "QUEUED" ? null : (endedAt ?? now));
  if (isGiven(input.endedAt) && !isFinal)
    throw invalid(`${field}endedAt`, `only allowed with a final status (${finalStatuses.join(", ")}), not ${status}`);
  return { startedAt, endedAt };
}

/** A sentence for the event of an execution whose end is before its start; null for any other. */
export function describeEndBeforeStart(
  execution: Pick<ExecutionRow, "label" | "name" | "startedAt" | "endedAt">,
): string | null {
  const { label, name, startedAt, endedAt } = execution;
  if (startedAt === null || endedAt === null || endedAt >= startedAt) return null;
  const [start, end] = [startedAt, endedAt].map((time) => new Date(time).toISOString());
  return `${label.toLowerCase()} "${name}" ended at ${end}, before it started at ${start}; its times may be by different clocks`;
}

/** The fields of the run that an execution is or belongs to; each execution has them, for filters. */
function toRunFields({ id, key, name, pipeline }: Pick<NewExecution, "key" | "name" | "pipeline"> & { id: string }) {
  return { runId: id, runKey: key ?? null, runName: name, pipeline: pipeline ?? null };
}

/**
 * The properties of a new run or step, validated. `run` is the run of a step; `field` (empty, or ending in a dot) is the path of `input` in
 * error messages; `position` orders steps of the same time.
 */
export function draftExecution(
  context: RequestContext,
  execution: NewExecution,
  run: RunOfStep | null,
  input: Partial<PublishedExecutionFields> & ExecutionFields,
  field: string,
  position = 0,
): ExecutionRow {
  const now = context.ports.now();
  const id = context.ports.newId();
  validateShortText(execution.name, `${field}name`);
  if (isGiven(execution.pipeline)) validateShortText(execution.pipeline, `${field}pipeline`);
  if (isGiven(execution.key)) validateShortText(execution.key, `${field}key`);
  return {
    label: execution.label,
    project: execution.project,
    name: execution.name,
    status: execution.status,
    parent: execution.parent ?? null,
    key: execution.key ?? null,
    iteration: execution.iteration ?? null,
    cachedFrom: execution.cachedFrom ?? null,
    ...draftTimes(input, execution.status, now, field),
    id,
    rank: orderingKey(now, position, id),
    parameters: JSON.stringify(validateMetadata(input.parameters, `${field}parameters`)),
    metadata: JSON.stringify(validateMetadata(input.metadata, `${field}metadata`)),
    metrics: JSON.stringify(validateMetadata(input.metrics, `${field}metrics`)),
    error: validateText(input.error, `${field}error`),
    code: toOptionalJson(input.code, `${field}code`),
    environment: toOptionalJson(input.environment, `${field}environment`),
    author: context.actor.name,
    // A step is not older than its run, even when the wall clock went back.
    createdAt: Math.max(now, run?.createdAt ?? 0),
    clock: now,
    heartbeatAt: now,
    ...toRunFields(run ?? { ...execution, id }),
    run: run?.id ?? null,
    text: execution.name.toLowerCase(),
    nameKey: sortKey(execution.name),
  };
}
