import { groupBy } from "../../lib/group-by.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { may } from "../core/permissions.ts";
import { findStaleAmong } from "./batch-staleness.ts";
import { findKnownVersions, type KnownVersion } from "./staleness.ts";

const most = { versions: 100_000, things: 500_000 };

const ofProject = statement<{ project: string; limit: number }, KnownVersion>("find-versions-of-project");
const newer = statement<{ artifacts: { key: string; above: number }[]; limit: number }, KnownVersion>(
  "find-newer-versions",
);
const directPredecessors = statement<{ ids: string[] }, { froms: string[]; tos: string[] }>("direct-predecessors");

function checkCount(actual: number, limit: number, what: string): void {
  if (actual <= limit) return;
  const message = `stale: more than ${limit} ${what} would have to be looked at; ask for the staleness of single versions`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** A lineage graph that grows upstream, its things numbered as they are met. */
function createUpstreamGraph(ports: Pick<Ports, "graph">) {
  const numbers = new Map<string, number>();
  const froms: number[] = [];
  const tos: number[] = [];
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  };
  /** Reads what stands right before things; gives what is new of it. */
  const step = async (ids: string[]): Promise<string[]> => {
    if (!ids.length) return [];
    const met: string[] = [];
    for (const edges of await ports.graph.read(directPredecessors, { ids })) {
      edges.froms.forEach((from, i) => {
        if (!numbers.has(from)) met.push(from);
        froms.push(numberOf(from));
        tos.push(numberOf(edges.tos[i] ?? ""));
      });
    }
    checkCount(numbers.size, most.things, "things upstream");
    return met;
  };
  return {
    numbers,
    edges: () => ({ froms: Int32Array.from(froms), tos: Int32Array.from(tos) }),
    /** Adds all that lies upstream of versions; gives the versions among it. One statement a level: the first levels hold most of it. */
    climb: async (versions: string[]): Promise<string[]> => {
      const met: string[] = [];
      for (const id of versions) numberOf(id);
      for (let level = versions; level.length; ) {
        level = await step(await step(level));
        for (const id of level) met.push(id);
      }
      return met;
    },
  };
}
type UpstreamGraph = ReturnType<typeof createUpstreamGraph>;

/** Versions of other projects' artifacts that are newer than the oldest met, and what they were made from: that may be versions of the project. */
async function readNewer(
  ports: Pick<Ports, "graph">,
  graph: UpstreamGraph,
  foreign: KnownVersion[],
): Promise<KnownVersion[]> {
  const artifacts = [...groupBy(foreign, ({ key }) => key)].map(([key, items]) => ({
    key,
    above: items.reduce((least, { number }) => Math.min(least, number), Number.MAX_SAFE_INTEGER),
  }));
  if (!artifacts.length) return [];
  const found = await ports.graph.read(newer, { artifacts, limit: most.things + 1 });
  checkCount(found.length, most.things, "newer versions of inputs");
  const fresh = found.filter(({ id }) => !graph.numbers.has(id));
  await graph.climb(fresh.map(({ id }) => id));
  return fresh;
}

/** The artifacts that can make something stale: what is known of each, newest first. Only one with a READY version newer than another known one can. */
function candidateArtifacts(graph: UpstreamGraph, known: KnownVersion[]) {
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
  const own = await context.ports.graph.read(ofProject, { project, limit: most.versions + 1 });
  checkCount(own.length, most.versions, `versions of ${project}`);
  const graph = createUpstreamGraph(context.ports);
  const ids = await graph.climb(own.map(({ id }) => id));
  const foreign = ids.length ? await context.ports.graph.read(findKnownVersions, { ids }) : [];
  const told = foreign.filter((version) => may(context.actor, "project:read", version.project));
  const known = [...own, ...told, ...(await readNewer(context.ports, graph, told))];
  const numbered = { count: graph.numbers.size, ...graph.edges(), artifacts: candidateArtifacts(graph, known) };
  const stale = await findStaleAmong(
    numbered,
    own.map((_, i) => i),
  );
  return stale.flatMap((i) => own[i]?.id ?? []);
}
