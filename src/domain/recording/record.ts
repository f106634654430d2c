import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import type { NewEvent } from "../core/idempotent-write.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { assignSelectors, type SelectorAssignment } from "./assign-selectors.ts";
import { createVersions } from "./create-versions.ts";
import { ensureProjects } from "./ensure-projects.ts";
import { collectExecutions, findExecutions } from "./executions.ts";
import { findFileSizes } from "./file-sizes.ts";
import { getReportedRuns, touchRuns } from "./heartbeats.ts";
import { lockOrCreateArtifacts } from "./locks.ts";
import { nameOutputs } from "./name-outputs.ts";
import { type NumberedVersion, numberVersions } from "./number-versions.ts";
import { findOnlyPaths } from "./only-paths.ts";
import { collectReferences, isDraft, type PlannedOutput, type Recording } from "./plan.ts";
import { toVersionEvents } from "./version-events.ts";
import { writeEdges } from "./write-edges.ts";

/** What a call recorded. */
export interface Recorded {
  /** The version of each output; not `created` when it is the existing one, because nothing changed. */
  versions: Map<PlannedOutput, { row: VersionRow; created: boolean }>;
  executions: Map<string, ExecutionRow>;
  events: NewEvent[];
  /** A time at or after every time in the recording. */
  end: number;
}

/** The projects that a call writes versions to. */
function getProjects({ project, outputs }: Recording): Set<string> {
  return new Set([project, ...outputs.flatMap(({ version }) => (isDraft(version) ? [version.project] : []))]);
}

/** Naming an execution as the producer of an existing version is a write to that version's project. */
function authorizeOutputs(actor: Actor, { outputs }: Recording, references: Map<string, VersionRow>): void {
  for (const { version } of outputs) {
    const row = isDraft(version) ? undefined : references.get(version.text);
    if (row) authorize(actor, "version:log", row.project);
  }
}

function toSelectorAssignments(numbered: NumberedVersion[]): SelectorAssignment[] {
  return numbered.flatMap(({ draft, row, at, created }) => [
    ...(draft.versionName && created ? [{ name: draft.versionName, fixed: true, row, at }] : []),
    ...draft.aliases.map((name) => ({ name, fixed: false, row, at })),
  ]);
}

/**
 * Records in one transaction everything that a call describes: its run, versions, edges, version names and aliases. When it rejects, the
 * transaction must not commit.
 */
export async function record(context: RequestContext, tx: Transaction, recording: Recording): Promise<Recorded> {
  const { actor, ports } = context;
  const { run } = tx;
  const now = ports.now();
  const projects = getProjects(recording);
  for (const project of projects) authorize(actor, "version:log", project);
  ensureProjects(ports, tx, projects);

  const references = await resolveReferences(run, actor, collectReferences(recording));
  authorizeOutputs(actor, recording, references);
  const existing = await findExecutions(run, actor, recording.existing);
  const executions = collectExecutions(recording, existing);

  const outputs = nameOutputs(ports, recording, executions, now);
  const fileSizes = await findFileSizes(run, outputs, now);
  const artifacts = await lockOrCreateArtifacts(ports, run, outputs, now);
  const onlyPaths = await findOnlyPaths(run, outputs, artifacts);
  const numbered = numberVersions(actor, outputs, artifacts, fileSizes, onlyPaths);
  createVersions(tx, numbered, references);
  const moved = await assignSelectors(context, tx, toSelectorAssignments(numbered));

  const revived = await touchRuns(ports, tx, getReportedRuns(recording.existing, existing));
  const end = await writeEdges(ports, tx, recording, { executions, references, numbered }, now);
  return {
    versions: new Map(numbered.map(({ output, row, created }) => [output, { row, created }])),
    executions: new Map([...executions].map(([id, { execution }]) => [id, execution])),
    events: [...revived, ...toVersionEvents(numbered, moved, executions)],
    end,
  };
}
