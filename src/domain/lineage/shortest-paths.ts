/** A directed graph: the successors of each node. */
export type Successors = ReadonlyMap<string, readonly string[]>;

/** Paths, shortest first; `complete` says that there are certainly no others. */
export interface PathSearchResult {
  paths: string[][];
  complete: boolean;
}

/** What to search for: `count` paths of at most `maxLength` edges. */
export interface PathQuery {
  from: string;
  to: string;
  count: number;
  /** The graph contains all paths up to this length; infinity when it contains all. */
  maxLength: number;
}

/** All paths that begin with `path[0..branch]` and don't continue with a node of `excluded`. */
interface PathGroup {
  path: string[];
  branch: number;
  excluded: ReadonlySet<string>;
  /** The edges of the shortest path in the group; a lower bound while `rest` is null. */
  length: number;
  /** What follows `path[branch]` in the shortest path; null until it has been searched. */
  rest: string[] | null;
}

interface PathSearch {
  successors: Successors;
  target: string;
  /** Edges to the target by node; nodes that can't reach it are absent. */
  distances: Map<string, number>;
  /** Nodes and edges visited so far. */
  visits: number;
}

/** The search ends, incomplete, after this many visits. */
const maxVisits = 5_000_000;

/** The number of edges to `target` on a shortest path, for each node that can reach it. */
function computeDistances(successors: Successors, target: string): Map<string, number> {
  const predecessors = new Map<string, string[]>();
  for (const [from, nodes] of successors) {
    for (const node of nodes) {
      const known = predecessors.get(node);
      if (known) known.push(from);
      else predecessors.set(node, [from]);
    }
  }
  const distances = new Map([[target, 0]]);
  // A Map iterates in insertion order, including entries added during the loop, so it serves as the queue of a breadth-first search.
  for (const [node, distance] of distances) {
    for (const other of predecessors.get(node) ?? []) if (!distances.has(other)) distances.set(other, distance + 1);
  }
  return distances;
}

function getDistance({ distances }: PathSearch, node: string): number {
  return distances.get(node) ?? Number.POSITIVE_INFINITY;
}

function getMinDistance(search: PathSearch, nodes: string[]): number {
  return nodes.reduce((min, node) => Math.min(min, getDistance(search, node)), Number.POSITIVE_INFINITY);
}

/** Follows decreasing distances from the nearest of `starts` to the target; null when that meets a blocked node. */
function followDistances(search: PathSearch, starts: string[], blocked: ReadonlySet<string>): string[] | null {
  let distance = getMinDistance(search, starts);
  const path: string[] = [];
  let node = starts.find((start) => getDistance(search, start) === distance);
  while (node !== undefined && !blocked.has(node)) {
    path.push(node);
    if (node === search.target) return path;
    distance--;
    node = search.successors.get(node)?.find((next) => getDistance(search, next) === distance);
  }
  return null;
}

/** A shortest path from one of `starts` to the target that avoids blocked nodes, by breadth-first search; null when there is none. */
function searchAround(search: PathSearch, starts: string[], blocked: ReadonlySet<string>): string[] | null {
  const cameFrom = new Map<string, string | null>(starts.map((node) => [node, null]));
  for (const node of cameFrom.keys()) {
    if (node === search.target) {
      const path = [node];
      for (let previous = cameFrom.get(node); previous; previous = cameFrom.get(previous)) path.push(previous);
      return path.reverse();
    }
    const nodes = search.successors.get(node) ?? [];
    search.visits += nodes.length;
    for (const next of nodes) if (!blocked.has(next) && !cameFrom.has(next)) cameFrom.set(next, node);
  }
  return null;
}

/** What follows `path[branch]` in the shortest path of a group; null when the group is empty. */
function findRest(search: PathSearch, { path, branch, excluded }: PathGroup): string[] | null {
  const blocked = new Set(path.slice(0, branch + 1));
  search.visits += blocked.size;
  const nodes = search.successors.get(path[branch] ?? "") ?? [];
  const starts = nodes.filter((node) => !excluded.has(node) && !blocked.has(node) && search.distances.has(node));
  return followDistances(search, starts, blocked) ?? searchAround(search, starts, blocked);
}

/** Splits a group without its shortest path `path`: one group for each node at which another path can leave it. */
function split(search: PathSearch, path: string[], group: PathGroup): PathGroup[] {
  const positions = new Map(path.map((node, i) => [node, i]));
  return path.slice(group.branch, -1).flatMap((node, k): PathGroup[] => {
    const branch = group.branch + k;
    const excluded = new Set([...(k ? [] : group.excluded), path[branch + 1] ?? ""]);
    const starts = (search.successors.get(node) ?? []).filter(
      (next) => !excluded.has(next) && (positions.get(next) ?? path.length) > branch,
    );
    const length = branch + 1 + getMinDistance(search, starts);
    return Number.isFinite(length) ? [{ path, branch, excluded, length, rest: null }] : [];
  });
}

/** Removes and returns the group with the shortest path; the first of several. */
function takeShortest(groups: PathGroup[]): PathGroup | undefined {
  let best = 0;
  for (const [i, { length }] of groups.entries()) if (length < (groups[best]?.length ?? 0)) best = i;
  return groups.splice(best, 1)[0];
}

/**
 * Finds the shortest simple paths between two nodes by Yen's algorithm with Lawler's improvement: groups of paths are split along the shortest path
 * of each group, and the shortest path of a group is searched only when its turn comes. The cost is proportional to nodes and edges per path found.
 */
export function findShortestPaths(successors: Successors, { from, to, count, maxLength }: PathQuery): PathSearchResult {
  const search: PathSearch = { successors, target: to, distances: computeDistances(successors, to), visits: 0 };
  const paths: string[][] = [];
  const groups: PathGroup[] = [
    { path: [from], branch: 0, excluded: new Set(), length: getDistance(search, from), rest: null },
  ];
  while (search.visits <= maxVisits) {
    const group = takeShortest(groups);
    if (!group || group.length > maxLength || group.length === Number.POSITIVE_INFINITY)
      return { paths, complete: maxLength === Number.POSITIVE_INFINITY };
    const rest = group.rest ?? findRest(search, group);
    if (!rest) continue;
    const length = group.branch + rest.length;
    if (length > group.length) {
      groups.push({ ...group, length, rest });
      continue;
    }
    if (paths.length === count) return { paths, complete: false };
    const path = [...group.path.slice(0, group.branch + 1), ...rest];
    paths.push(path);
    groups.push(...split(search, path, group));
  }
  return { paths, complete: false };
}
