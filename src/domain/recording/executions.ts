import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import { notFound } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { toLeaves } from "../core/metadata.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import type { NewRun, Recording } from "./plan.ts";

type Run = Transaction["run"];

const byIds = statement<{ ids: string[] }, { execution: ExecutionRow; run: ExecutionRow | null }>("find-executions");

const newRun = statement<{ run: Value; tags: string[]; leaves: Value; steps: Value }, { id: string }>("create-run");

/** The runs and steps by id; one that isn't there, or is of the other kind, is `NOT_FOUND`. */
export async function findExecutions(run: Run, actor: Actor, asked: Recording["existing"]): Promise<Executions> {
  if (!asked.length) return new Map();
  const rows = await run(byIds, { ids: [...new Set(asked.map(({ id }) => id))] });
  const found = new Map(rows.map((row) => [row.execution.id, row]));
  for (const { id, field, label, action } of asked) {
    const row = found.get(id);
    if (!row || (label && row.execution.label !== label))
      throw notFound(`${field}: ${(label ?? "execution").toLowerCase()} ${id} does not exist`);
    authorize(actor, action, row.execution.project);
  }
  return found;
}

/** Runs and steps by id, a step with its run. */
export type Executions = Map<string, { execution: ExecutionRow; run: ExecutionRow | null }>;

/** The runs and steps that names and locations can speak of: those of the call, and those that were there. */
export function collectExecutions(recording: Recording, existing: Executions): Executions {
  const all = new Map([...existing].map(([id, { execution, run }]) => [id, { execution, run }]));
  const run = recording.run;
  if (run) {
    all.set(run.properties.id, { execution: run.properties, run: null });
    for (const step of run.steps) all.set(step.properties.id, { execution: step.properties, run: run.properties });
  }
  return all;
}

/** The leaves of JSON that belongs to an execution of a project, for filters. */
export function toJsonLeaves(text: string, project: string) {
  return toLeaves(JSON.parse(text) as Record<string, unknown>).map((leaf) => ({ ...leaf, project }));
}

/** The leaves of all JSON of an execution. */
export function toExecutionLeaves({ metadata, parameters, metrics, project }: ExecutionRow) {
  return {
    metadata: toJsonLeaves(metadata, project),
    parameters: toJsonLeaves(parameters, project),
    metrics: toJsonLeaves(metrics, project),
  };
}

/** Which run, and which step of it, an event of an execution tells of. */
export function executionEventFields(execution: ExecutionRow) {
  return execution.label === "Run"
    ? { project: execution.project, run: execution.id }
    : { project: execution.project, run: execution.run ?? "", step: execution.id };
}

/** Creates a run with its steps; `clock` is the time of the last that was recorded with it. */
export function createRun(tx: Transaction, { properties, tags, steps }: NewRun, clock: number): void {
  tx.send(newRun, {
    run: { ...properties, parent: properties.parent ?? null, clock },
    tags,
    leaves: toExecutionLeaves(properties),
    steps: steps.map((step) => ({
      properties: { ...step.properties },
      tags: step.tags,
      leaves: toExecutionLeaves(step.properties),
    })),
  });
}
