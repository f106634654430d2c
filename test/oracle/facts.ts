import type { ArtifactFacts, Maker, RunFacts, VersionFacts } from "../query/plain-filter.ts";
import { latestOf, type PlainArtifact, type PlainExecution, type PlainVersion, type World } from "./state.ts";
import { aliasesOf, digest, entries, labelsOf, sizeOf } from "./view.ts";

function time(at: number): string {
  return new Date(at).toISOString();
}
function timeOrNull(at: number | null): string | null {
  return at === null ? null : time(at);
}

function makerOf(execution: PlainExecution): Maker {
  const run = execution.run ?? execution;
  const step = execution.run ? execution : null;
  const { id: runId, key: runKey, name: runName, pipeline } = run;
  return { runId, runKey, runName, pipeline, stepId: step?.id ?? null, stepName: step?.name ?? null };
}

/** The fields of a version that filters and orders use. */
export function versionFacts(world: World, version: PlainVersion): VersionFacts {
  const { artifact, id, number, kind, state, versionName, description, tags } = version;
  const makers = (reads: boolean) =>
    world.links
      .filter((link) => link.version === version && link.reads === reads)
      .map((link) => makerOf(link.execution));
  return {
    ...{ id, number, kind, state, versionName, description, tags, author: "local" },
    project: artifact.project,
    artifact: artifact.name,
    aliases: aliasesOf(version),
    labels: labelsOf(version),
    entries: entries(version.metadata),
    isLatest: latestOf(artifact) === version,
    producedBy: makers(false),
    consumedBy: makers(true),
    createdAt: time(version.createdAt),
    updatedAt: time(version.updatedAt),
    size: sizeOf(world, version),
    digest: digest(version),
  };
}

/** The fields of an artifact that filters and orders use. */
export function artifactFacts(artifact: PlainArtifact): ArtifactFacts {
  const { id, project, name, kind, description, tags, createdAt, updatedAt } = artifact;
  return { id, project, name, kind, description, tags, createdAt: time(createdAt), updatedAt: time(updatedAt) };
}

/** The fields of a run that filters and orders use. */
export function runFacts(run: PlainExecution): RunFacts {
  const { id, project, pipeline, name, key, status, tags, createdAt, startedAt, endedAt } = run;
  return {
    ...{ id, project, pipeline, name, key, status, tags, author: "local" },
    createdAt: time(createdAt),
    startedAt: timeOrNull(startedAt),
    endedAt: timeOrNull(endedAt),
    parameters: entries(run.parameters),
    metrics: entries(run.metrics),
    entries: entries(run.metadata),
  };
}
