import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { may } from "../core/permissions.ts";
import { computeStaleVersions, type IndexedVersion } from "./batch-staleness.ts";
import { assertWithinLimit, createUpstreamGraph, maxVisitedNodes, type UpstreamGraph } from "./upstream-graph.ts";
import { findVersionSummaries, type VersionSummary, versionSummaryRow } from "./version-summary.ts";

const maxVersions = 100_000;

const findVersionsOfProject = statement({
  name: "find-versions-of-project",
  params: { project: v.string(), limit: v.number() },
  row: versionSummaryRow,
});
const findNewerVersions = statement({
  name: "find-newer-versions",
  params: { artifacts: v.array(v.object({ artifactKey: v.string(), above: v.number() })), limit: v.number() },
  row: versionSummaryRow,
});

/**
 * Adds the versions of other projects' artifacts that are newer than their oldest version in the graph, with everything upstream of them: they may
 * descend from versions of the project. Resolves with the versions that were added.
 */
async function addNewerVersions(
  ports: Pick<Ports, "graph">,
  graph: UpstreamGraph,
  foreign: VersionSummary[],
): Promise<VersionSummary[]> {
  const artifacts = [...groupBy(foreign, ({ artifactKey }) => artifactKey)].map(([artifactKey, versions]) => ({
    artifactKey,
    above: versions.reduce((min, { number }) => Math.min(min, number), Number.MAX_SAFE_INTEGER),
  }));
  if (!artifacts.length) return [];
  const newer = await ports.graph.read(findNewerVersions, { artifacts, limit: maxVisitedNodes + 1 });
  assertWithinLimit(newer.length, maxVisitedNodes, "newer versions of inputs");
  const added = newer.filter(({ id }) => !graph.numbers.has(id));
  await graph.addUpstream(added.map(({ id }) => id));
  return added;
}

/** The versions of the artifacts that can make inputs outdated, newest first: those with a READY version above another known one. */
function toCandidateArtifacts(graph: UpstreamGraph, known: VersionSummary[]): IndexedVersion[][] {
  return [...groupBy(known, ({ artifactKey }) => artifactKey).values()]
    .map((versions) => versions.sort((a, b) => b.number - a.number))
    .filter((versions) => versions.slice(0, -1).some(({ ready }) => ready))
    .map((versions) => versions.map(({ id, number, ready }) => ({ node: graph.numbers.get(id) ?? 0, number, ready })));
}

/**
 * The ids of a project's versions, deleted ones included, whose readable inputs are outdated as `findStaleness` defines it. Reads the project's
 * versions and everything upstream of them, with two statements per level. Throws `TOO_COMPLEX` when the project has more than 100,000
 * versions, or when more than 500,000 versions and executions would have to be visited.
 */
export async function findStaleVersions(context: RequestContext, project: string): Promise<string[]> {
  const { graph: store } = context.ports;
  const own = await store.read(findVersionsOfProject, { project, limit: maxVersions + 1 });
  assertWithinLimit(own.length, maxVersions, `versions of project ${project}`);
  const graph = createUpstreamGraph(context.ports);
  const foreignIds = await graph.addUpstream(own.map(({ id }) => id));
  const foreign = foreignIds.length ? await store.read(findVersionSummaries, { ids: foreignIds }) : [];
  const readable = foreign.filter((version) => may(context.actor, "project:read", version.project));
  const known = [...own, ...readable, ...(await addNewerVersions(context.ports, graph, readable))];
  const indexed = {
    nodeCount: graph.numbers.size,
    ...graph.edges(),
    artifacts: toCandidateArtifacts(graph, known),
  };
  // The project's own versions were added first: their node numbers are their indexes.
  const stale = await computeStaleVersions(
    indexed,
    own.map((_, i) => i),
  );
  return stale.flatMap((i) => own[i]?.id ?? []);
}
