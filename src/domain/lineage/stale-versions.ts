import { groupBy } from "../../lib/group-by.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { may } from "../core/permissions.ts";
import { computeStaleVersions } from "./batch-staleness.ts";
import { findVersionSummaries, type VersionSummary } from "./staleness.ts";
import { assertWithinLimit, createUpstreamGraph, maxEntities, type UpstreamGraph } from "./upstream-graph.ts";

const maxVersions = 100_000;

const ofProject = statement<{ project: string; limit: number }, VersionSummary>("find-versions-of-project");

const newer = statement<{ artifacts: { key: string; above: number }[]; limit: number }, VersionSummary>(
  "find-newer-versions",
);

/** Versions of other projects' artifacts that are newer than the oldest met, and what they were made from: that may be versions of the project. */
async function readNewer(
  ports: Pick<Ports, "graph">,
  graph: UpstreamGraph,
  foreign: VersionSummary[],
): Promise<VersionSummary[]> {
  const artifacts = [...groupBy(foreign, ({ key }) => key)].map(([key, items]) => ({
    key,
    above: items.reduce((least, { number }) => Math.min(least, number), Number.MAX_SAFE_INTEGER),
  }));
  if (!artifacts.length) return [];
  const found = await ports.graph.read(newer, { artifacts, limit: maxEntities + 1 });
  assertWithinLimit(found.length, maxEntities, "newer versions of inputs");
  const fresh = found.filter(({ id }) => !graph.numbers.has(id));
  await graph.climb(fresh.map(({ id }) => id));
  return fresh;
}

/** The artifacts that can make something stale: what is known of each, newest first. Only one with a READY version newer than another known one can. */
function candidateArtifacts(graph: UpstreamGraph, known: VersionSummary[]) {
  return [...groupBy(known, ({ key }) => key).values()]
    .map((items) => items.sort((a, b) => b.number - a.number))
    .filter((items) => items.slice(0, -1).some(({ ready }) => ready))
    .map((items) => items.map(({ id, number, ready }) => ({ node: graph.numbers.get(id) ?? 0, number, ready })));
}

/**
 * The ids of a project's versions, tombstones too, that have outdated inputs among what the actor may read. Reads the project's versions and all
 * upstream of them in a few statements, and two more for each level that lies wholly in other projects.
 * `TOO_COMPLEX` when the project has more than 100,000 versions, or more than 500,000 things would have to be looked at.
 */
export async function findStaleVersions(context: RequestContext, project: string): Promise<string[]> {
  const own = await context.ports.graph.read(ofProject, { project, limit: maxVersions + 1 });
  assertWithinLimit(own.length, maxVersions, `versions of ${project}`);
  const graph = createUpstreamGraph(context.ports);
  const ids = await graph.climb(own.map(({ id }) => id));
  const foreign = ids.length ? await context.ports.graph.read(findVersionSummaries, { ids }) : [];
  const told = foreign.filter((version) => may(context.actor, "project:read", version.project));
  const known = [...own, ...told, ...(await readNewer(context.ports, graph, told))];
  const numbered = { nodeCount: graph.numbers.size, ...graph.edges(), artifacts: candidateArtifacts(graph, known) };
  const stale = await computeStaleVersions(
    numbered,
    own.map((_, i) => i),
  );
  return stale.flatMap((i) => own[i]?.id ?? []);
}
