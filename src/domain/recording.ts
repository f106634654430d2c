import type { Transaction } from "../ports/graph-store.ts";
import type { Deps } from "./deps.ts";
import { heardOf, reportedRuns } from "./execution-lock.ts";
import { createRun, type Executions, executionsOf, findExecutions, linkVersions } from "./executions.ts";
import { type Actor, authorise } from "./permissions.ts";
import { createVersions, findSizes, lockArtifacts, nameOutputs, type Placed, placeVersions } from "./placing.ts";
import { askedReferences, isDraft, isOutput, type PlannedOutput, type Recording } from "./plan.ts";
import { ensureProjects } from "./projects.ts";
import { type AskedReference, resolveReferences } from "./resolve.ts";
import type { ExecutionRow, VersionRow } from "./rows.ts";
import { type MovedAlias, type Pointing, pointAt } from "./selectors.ts";
import type { VersionDraft } from "./version-draft.ts";
import { holdInputs } from "./version-locks.ts";
import type { NewEvent } from "./write.ts";

/** A version that a call made, or found unchanged. */
export interface RecordedVersion {
  row: VersionRow;
  created: boolean;
}

/** What was recorded. `end` is a time at or after every time in it. */
export interface Recorded {
  versions: Map<PlannedOutput, RecordedVersion>;
  executions: Map<string, ExecutionRow>;
  events: NewEvent[];
  end: number;
}

const versionEvents = (placed: Placed[], moved: MovedAlias[], executions: Executions) =>
  placed.flatMap(({ row, draft, created, output }): NewEvent[] => {
    const maker = output.execution ? executions.get(output.execution) : undefined;
    const runId = maker?.run?.id ?? (maker?.execution.label === "Run" ? maker.execution.id : undefined);
    const about = {
      at: row.createdAt,
      project: row.project,
      artifactKey: row.artifactKey,
      kind: row.kind,
      version: row.id,
    };
    const logged: NewEvent = {
      ...about,
      type: "VERSION_LOGGED",
      tags: draft.tags,
      ...(runId && { run: runId }),
      ...(maker?.execution.label === "Step" && { step: maker.execution.id }),
    };
    const aliases = moved
      .filter((item) => item.version === row.id && draft.aliases.includes(item.name))
      .map(
        ({ name, at, previous }): NewEvent => ({
          ...about,
          at,
          type: "ALIAS_MOVED",
          alias: name,
          ...(previous && { previous }),
        }),
      );
    return created ? [logged, ...aliases] : aliases;
  });

const pointingsOf = (placed: Placed[]): Pointing[] =>
  placed.flatMap(({ draft, row, at, created }) => [
    ...(draft.versionName && created ? [{ name: draft.versionName, fixed: true, row, at }] : []),
    ...draft.aliases.map((name) => ({ name, fixed: false, row, at })),
  ]);

/** The versions that are read and were there before the call. */
const inputsOf = ({ inputs }: Recording, references: Map<string, VersionRow>): VersionRow[] =>
  inputs.flatMap(({ read }) => (isOutput(read) ? [] : (references.get(read.text) ?? [])));

/** Records a call's run, versions, edges and names in the transaction; all of it or, by a refusal, nothing. */
export const record = async (deps: Deps, actor: Actor, tx: Transaction, recording: Recording): Promise<Recorded> => {
  const now = deps.now();
  const { run } = tx;
  const projects = [
    recording.project,
    ...recording.outputs.flatMap(({ made }) => (isDraft(made) ? [made.project] : [])),
  ];
  for (const project of new Set(projects)) authorise(actor, "version:log", project);
  await ensureProjects(deps, run, projects);
  const references = await resolveReferences(run, actor, askedReferences(recording));
  for (const { made } of recording.outputs) {
    // Saying who made a version is writing to its project.
    const row = isDraft(made) ? undefined : references.get(made.text);
    if (row) authorise(actor, "version:log", row.project);
  }
  const existing = await findExecutions(run, actor, recording.existing);
  const executions = executionsOf(recording, existing);
  const named = nameOutputs(deps, recording, executions, now);
  const sizes = await findSizes(run, named, now);
  const placed = placeVersions(actor, named, await lockArtifacts(deps, run, named, now), sizes);
  await createVersions(run, placed, references);
  const moved = await pointAt(deps, actor, run, pointingsOf(placed));
  if (recording.run) await createRun(run, recording.run);
  const byOutput = new Map(placed.map((item) => [item.output, item]));
  const versionOf = (made: VersionDraft | AskedReference, output?: PlannedOutput): string => {
    const id = isDraft(made) ? output && byOutput.get(output)?.row.id : references.get(made.text)?.id;
    if (!id) throw new Error("an output of the call has no version");
    return id;
  };
  const woken = await heardOf(deps, tx, reportedRuns(recording.existing, existing));
  await holdInputs(deps, run, inputsOf(recording, references));
  await linkVersions(deps, run, recording, versionOf, now);
  return {
    versions: new Map(placed.map(({ output, row, created }) => [output, { row, created }])),
    executions: new Map([...executions].map(([id, item]) => [id, item.execution])),
    events: [...woken, ...versionEvents(placed, moved, executions)],
    end: Math.max(now, ...placed.map(({ row }) => row.createdAt)),
  };
};
