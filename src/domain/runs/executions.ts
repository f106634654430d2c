import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import { notFound } from "../errors.ts";
import { type Actor, authorise } from "../permissions.ts";
import type { ExecutionRow, VersionRow } from "../rows.ts";
import { leavesOf } from "../versions/metadata.ts";
import type { AskedReference } from "../versions/resolve.ts";
import type { VersionDraft } from "../versions/version-draft.ts";
import { isOutput, type NewRun, type PlannedOutput, type Recording } from "./plan.ts";

type Run = Transaction["run"];
type EdgeRow = { version: string; execution: string; slot: string; role: string; at: number; rank: string };

const byIds = statement<{ ids: string[] }, { execution: ExecutionRow; run: ExecutionRow | null }>("find-executions");

const newRun = statement<{ run: Value; tags: string[]; leaves: Value; steps: Value }, { id: string }>("create-run");
const linkConsumed = statement<{ edges: EdgeRow[] }, { recorded: number }>("link-consumed");
const linkProduced = statement<{ edges: EdgeRow[] }, { recorded: number }>("link-produced");

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

/** Creates a run with its steps; `clock` is the time of the last that was recorded with it. */
export const createRun = (run: Run, { properties, tags, steps }: NewRun, clock: number) =>
  run(newRun, {
    run: { ...properties, parent: properties.parent ?? null, clock },
    tags,
    leaves: executionLeaves(properties),
    steps: steps.map((step) => ({
      properties: { ...step.properties },
      tags: step.tags,
      leaves: executionLeaves(step.properties),
    })),
  });

/** The edges of a recording: each is there from when both its ends are, and no earlier than `since`. */
export const edgesOf = (
  { inputs, outputs }: Recording,
  executions: Executions,
  versionOf: (made: VersionDraft | AskedReference, output?: PlannedOutput) => VersionRow,
  since: number,
  rank: (position: number) => string,
): { consumed: EdgeRow[]; produced: EdgeRow[]; end: number } => {
  const edge = (version: VersionRow, execution: string, slot: string, role: string, position: number): EdgeRow => {
    const at = Math.max(since, version.createdAt, executions.get(execution)?.execution.createdAt ?? 0);
    return { version: version.id, execution, slot, role, at, rank: rank(position) };
  };
  const consumed = inputs.map(({ execution, slot, role, read }, i) =>
    edge(isOutput(read) ? versionOf(read.made, read) : versionOf(read), execution, slot, role, i),
  );
  const produced = outputs.flatMap((output, i) => {
    const { execution, slot, role, made } = output;
    return execution ? [edge(versionOf(made, output), execution, slot, role, i)] : [];
  });
  const end = [...consumed, ...produced].reduce((latest, { at }) => Math.max(latest, at), since);
  return { consumed, produced, end };
};

/** Records which executions read and made which versions. */
export const linkVersions = async (run: Run, { consumed, produced }: ReturnType<typeof edgesOf>): Promise<void> => {
  const sorted = (edges: EdgeRow[]) => [...edges].sort((a, b) => (a.version < b.version ? -1 : 1));
  if (consumed.length) await run(linkConsumed, { edges: sorted(consumed) });
  if (produced.length) await run(linkProduced, { edges: sorted(produced) });
};
