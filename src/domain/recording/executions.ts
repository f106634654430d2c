import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { notFound } from "../core/errors.ts";
import { type ExecutionRow, executionRow } from "../core/execution-row.ts";
import { indexedLeaf, toLeaves } from "../core/metadata.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { parseJson } from "../core/row-values.ts";
import type { NewRun, Recording } from "./plan.ts";

/** Runs and steps by id; a step with its run. */
export type Executions = Map<string, { execution: ExecutionRow; run: ExecutionRow | null }>;

/** A leaf of an execution's JSON, for filters. */
export const executionLeaf = v.object({ ...indexedLeaf.entries, project: v.string() });

/** The leaves of an execution's metadata, parameters and metrics. */
export const executionLeaves = v.object({
  metadata: v.array(executionLeaf),
  parameters: v.array(executionLeaf),
  metrics: v.array(executionLeaf),
});

const tags = v.array(v.string());

const findByIds = statement({
  name: "find-executions",
  params: { ids: v.array(v.string()) },
  row: { execution: executionRow, run: nullable(executionRow) },
});

const createRunWithSteps = statement({
  name: "create-run",
  params: {
    run: executionRow,
    tags,
    leaves: executionLeaves,
    steps: v.array(v.object({ properties: executionRow, tags, leaves: executionLeaves })),
  },
  row: { id: v.string() },
});

/** Finds the runs and steps that a call needs; `NOT_FOUND` when one doesn't exist or is of the other kind. */
export async function findExecutions(
  run: Transaction["run"],
  actor: Actor,
  needed: Recording["existing"],
): Promise<Executions> {
  if (!needed.length) return new Map();
  const rows = await run(findByIds, { ids: [...new Set(needed.map(({ id }) => id))] });
  const found = new Map(rows.map((row) => [row.execution.id, row]));
  for (const { id, field, label, action } of needed) {
    const row = found.get(id);
    if (!row || (label && row.execution.label !== label))
      throw notFound(`${field}: ${(label ?? "execution").toLowerCase()} ${id} does not exist`);
    authorize(actor, action, row.execution.project);
  }
  return found;
}

/** The executions of a call, existing and new ones: those that names and locations may refer to. */
export function collectExecutions({ run }: Recording, existing: Executions): Executions {
  const all: Executions = new Map(existing);
  if (!run) return all;
  all.set(run.properties.id, { execution: run.properties, run: null });
  for (const step of run.steps) all.set(step.properties.id, { execution: step.properties, run: run.properties });
  return all;
}

/** The leaves of an execution's JSON text. */
export function toJsonLeaves(text: string, project: string): v.InferOutput<typeof executionLeaf>[] {
  return toLeaves(parseJson<Record<string, unknown>>(text) ?? {}).map((leaf) => ({ ...leaf, project }));
}

/** The leaves of all JSON of an execution. */
export function toExecutionLeaves(execution: ExecutionRow): v.InferOutput<typeof executionLeaves> {
  const { metadata, parameters, metrics, project } = execution;
  return {
    metadata: toJsonLeaves(metadata, project),
    parameters: toJsonLeaves(parameters, project),
    metrics: toJsonLeaves(metrics, project),
  };
}

/** The project, run and step of an event about an execution. */
export function executionEventFields(execution: ExecutionRow) {
  return execution.label === "Run"
    ? { project: execution.project, run: execution.id }
    : { project: execution.project, run: execution.run ?? "", step: execution.id };
}

/** Creates a run with its steps; `clock` is the latest time of what is recorded with it. */
export function createRun(tx: Transaction, { properties, tags, steps }: NewRun, clock: number): void {
  tx.send(createRunWithSteps, {
    run: { ...properties, clock },
    tags,
    leaves: toExecutionLeaves(properties),
    steps: steps.map((step) => ({ ...step, leaves: toExecutionLeaves(step.properties) })),
  });
}
