import type { Transaction } from "../ports/graph-store.ts";
import { statement, type Value } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";
import { notFound } from "./errors.ts";
import { rankOf } from "./execution-draft.ts";
import { leavesOf } from "./metadata.ts";
import { type Actor, authorise } from "./permissions.ts";
import { isOutput, type NewRun, type PlannedOutput, type Recording } from "./plan.ts";
import type { AskedReference } from "./resolve.ts";
import type { ExecutionRow } from "./rows.ts";
import type { VersionDraft } from "./version-draft.ts";

type Run = Transaction["run"];
type EdgeRow = { version: string; execution: string; slot: string; role: string; rank: string };

const byIds = statement<{ ids: string[] }, { execution: ExecutionRow; run: ExecutionRow | null }>("find-executions");

const newRun = statement<{ run: Value; tags: string[]; leaves: Value; steps: Value }, { id: string }>("create-run");
const linkConsumed = statement<{ edges: EdgeRow[]; now: number }, { recorded: number }>("link-consumed");
const linkProduced = statement<{ edges: EdgeRow[]; now: number }, { recorded: number }>("link-produced");

/** The runs and steps by id; one that isn't there, or is of the other kind, is `NOT_FOUND`. */
export const findExecutions = async (run: Run, actor: Actor, asked: Recording["existing"]): Promise<Executions> => {
  if (!asked.length) return new Map();
  const rows = await run(byIds, { ids: [...new Set(asked.map(({ id }) => id))] });
  const found = new Map(rows.map((row) => [row.execution.id, row]));
  for (const { id, field, label, action } of asked) {
    const row = found.get(id);
    if (!row || (label && row.execution.label !== label))
      throw notFound(`${field}: ${(label ?? "execution").toLowerCase()} ${id}`);
    authorise(actor, action, row.execution.project);
  }
  return found;
};

/** Runs and steps by id, a step with its run. */
export type Executions = Map<string, { execution: ExecutionRow; run: ExecutionRow | null }>;

/** The runs and steps that names and locations can speak of: those of the call, and those that were there. */
export const executionsOf = (recording: Recording, existing: Executions): Executions => {
  const all = new Map([...existing].map(([id, { execution, run }]) => [id, { execution, run }]));
  const run = recording.run;
  if (run) {
    all.set(run.properties.id, { execution: run.properties, run: null });
    for (const step of run.steps) all.set(step.properties.id, { execution: step.properties, run: run.properties });
  }
  return all;
};

/** The leaves of JSON that belongs to an execution of a project, for filters. */
export const jsonLeaves = (text: string, project: string) =>
  leavesOf(JSON.parse(text) as Record<string, unknown>).map((leaf) => ({ ...leaf, project }));

/** The leaves of all JSON of an execution. */
export const executionLeaves = ({ metadata, parameters, metrics, project }: ExecutionRow) => ({
  metadata: jsonLeaves(metadata, project),
  parameters: jsonLeaves(parameters, project),
  metrics: jsonLeaves(metrics, project),
});

/** Which run, and which step of it, an event of an execution tells of. */
export const aboutExecution = (execution: ExecutionRow) =>
  execution.label === "Run"
    ? { project: execution.project, run: execution.id }
    : { project: execution.project, run: execution.run ?? "", step: execution.id };

/** Creates a run with its steps. */
export const createRun = (run: Run, { properties, tags, steps }: NewRun) =>
  run(newRun, {
    run: { ...properties, parent: properties.parent ?? null },
    tags,
    leaves: executionLeaves(properties),
    steps: steps.map((step) => ({
      properties: { ...step.properties },
      tags: step.tags,
      leaves: executionLeaves(step.properties),
    })),
  });

/** Records which executions read and made which versions. */
export const linkVersions = async (
  deps: Deps,
  run: Run,
  recording: Recording,
  versionOf: (made: VersionDraft | AskedReference, output?: PlannedOutput) => string,
  now: number,
): Promise<void> => {
  const unique = deps.newId();
  const rank = (i: number) => rankOf(now, i, unique);
  const sorted = (edges: EdgeRow[]) => edges.sort((a, b) => (a.version < b.version ? -1 : 1));
  const consumed = recording.inputs.map(({ execution, slot, role, read }, i) => {
    const version = isOutput(read) ? versionOf(read.made, read) : versionOf(read);
    return { version, execution, slot, role, rank: rank(i) };
  });
  const produced = recording.outputs.flatMap((output, i) => {
    const { execution, slot, role, made } = output;
    return execution ? [{ version: versionOf(made, output), execution, slot, role, rank: rank(i) }] : [];
  });
  if (consumed.length) await run(linkConsumed, { edges: sorted(consumed), now });
  if (produced.length) await run(linkProduced, { edges: sorted(produced), now });
};
