import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { type ReferenceInput, resolveReferences } from "../references/resolve-reference.ts";
import { assignSelectors, type MovedAlias, type SelectorAssignment } from "./assign-selectors.ts";
import { linkEdges, planEdges } from "./edges.ts";
import { ensureProjects } from "./ensure-projects.ts";
import { reportedRuns, touchRuns } from "./execution-lock.ts";
import { collectExecutions, createRun, type Executions, findExecutions } from "./executions.ts";
import { lockInputs } from "./locks.ts";
import {
  createVersions,
  findFileSizes,
  lockArtifacts,
  type NumberedVersion,
  nameOutputs,
  numberVersions,
} from "./number-versions.ts";
import { collectReferences, isDraft, isOutput, type PlannedOutput, type Recording } from "./plan.ts";
import type { VersionDraft } from "./version-draft.ts";

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

const advanceClock = statement<{ id: string; at: number }, never>("advance-clock");

function versionEvents(placed: NumberedVersion[], moved: MovedAlias[], executions: Executions) {
  return placed.flatMap(({ row, draft, created, output }): NewEvent[] => {
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
      number: row.number,
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
}

function toSelectorAssignments(placed: NumberedVersion[]): SelectorAssignment[] {
  return placed.flatMap(({ draft, row, at, created }) => [
    ...(draft.versionName && created ? [{ name: draft.versionName, fixed: true, row, at }] : []),
    ...draft.aliases.map((name) => ({ name, fixed: false, row, at })),
  ]);
}

/** The versions that are read and were there before the call. */
function findExistingInputs({ inputs }: Recording, references: Map<string, VersionRow>): VersionRow[] {
  return inputs.flatMap(({ read }) => (isOutput(read) ? [] : (references.get(read.text) ?? [])));
}

interface Ends {
  executions: Executions;
  references: Map<string, VersionRow>;
  placed: NumberedVersion[];
  now: number;
}

/** Creates a call's run, and the edges between its executions and versions; gives the time of the last thing that was recorded. */
async function writeEdges(
  ports: Pick<Ports, "newId">,
  tx: Transaction,
  recording: Recording,
  ends: Ends,
): Promise<number> {
  const { executions, references, placed, now } = ends;
  const byOutput = new Map(placed.map((item) => [item.output, item]));
  const versionOf = (made: VersionDraft | ReferenceInput, output?: PlannedOutput): VersionRow => {
    const row = isDraft(made) ? output && byOutput.get(output)?.row : references.get(made.text);
    if (!row) throw new Error("an output of the call has no version");
    return row;
  };
  const unique = ports.newId();
  const since = Math.max(now, recording.locked?.at ?? 0);
  const edges = planEdges(recording, executions, versionOf, since, (position) => orderingKey(now, position, unique));
  const end = Math.max(edges.end, ...placed.map(({ row }) => row.createdAt));
  if (recording.run) createRun(tx, recording.run, end);
  await lockInputs(ports, tx.run, findExistingInputs(recording, references));
  linkEdges(tx, edges);
  // A version may be ahead of the run: what is recorded of both comes after both.
  const { locked } = recording;
  if (locked && end > locked.at) tx.send(advanceClock, { id: locked.execution.runId, at: end });
  return end;
}

/** Records a call's run, versions, edges and names in the transaction; all of it or, by a refusal, nothing. */
export async function record(context: RequestContext, tx: Transaction, recording: Recording): Promise<Recorded> {
  const now = context.ports.now();
  const { run } = tx;
  const projects = [
    recording.project,
    ...recording.outputs.flatMap(({ made }) => (isDraft(made) ? [made.project] : [])),
  ];
  for (const project of new Set(projects)) authorize(context.actor, "version:log", project);
  ensureProjects(context.ports, tx, projects);
  const references = await resolveReferences(run, context.actor, collectReferences(recording));
  for (const { made } of recording.outputs) {
    // Saying who made a version is writing to its project.
    const row = isDraft(made) ? undefined : references.get(made.text);
    if (row) authorize(context.actor, "version:log", row.project);
  }
  const existing = await findExecutions(run, context.actor, recording.existing);
  const executions = collectExecutions(recording, existing);
  const named = nameOutputs(context.ports, recording, executions, now);
  const sizes = await findFileSizes(run, named, now);
  const placed = numberVersions(context.actor, named, await lockArtifacts(context.ports, run, named, now), sizes);
  createVersions(tx, placed, references);
  const moved = await assignSelectors(context, run, toSelectorAssignments(placed));
  const woken = await touchRuns(context.ports, tx, reportedRuns(recording.existing, existing));
  const end = await writeEdges(context.ports, tx, recording, { executions, references, placed, now });
  return {
    versions: new Map(placed.map(({ output, row, created }) => [output, { row, created }])),
    executions: new Map([...executions].map(([id, item]) => [id, item.execution])),
    events: [...woken, ...versionEvents(placed, moved, executions)],
    end,
  };
}
