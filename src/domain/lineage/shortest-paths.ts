/** A directed graph: what follows each node. */
export type Successors = ReadonlyMap<string, readonly string[]>;

/** What a search found: paths, shortest first, and whether there are no others. */
export interface PathSearchResult {
  paths: string[][];
  complete: boolean;
}

/**
 * The paths that follow `path` up to `path[at]` and leave that node for none of `without`. `length` of the shortest of them
 * in edges, or less until `rest`, what follows `path[at]` in it, is known.
 */
interface Family {
  path: string[];
  at: number;
  without: ReadonlySet<string>;
  length: number;
  rest: string[] | null;
}

/** How many nodes and edges a search may look at before it gives up on what else there may be. */
const mostLooks = 5_000_000;

/** Edges from each node to `to` along a shortest way; nodes that can't reach it are left out. */
function distancesTo(following: Successors, to: string): Map<string, number> {
  const before = new Map<string, string[]>();
  for (const [from, nodes] of following) {
    for (const node of nodes) {
      const known = before.get(node);
      if (known) known.push(from);
      else before.set(node, [from]);
    }
  }
  const distances = new Map([[to, 0]]);
  for (const [node, distance] of distances) {
    for (const other of before.get(node) ?? []) if (!distances.has(other)) distances.set(other, distance + 1);
  }
  return distances;
}

/** The shortest way to `to` from `start`, first to one of `first`, past none of `barred`; null when there is none. */
function wayAround(
  following: Successors,
  first: string[],
  to: string,
  barred: ReadonlySet<string>,
  looked: (edges: number) => void,
): string[] | null {
  const cameFrom = new Map<string, string | null>(first.map((node) => [node, null]));
  for (const node of cameFrom.keys()) {
    if (node === to) {
      const way = [node];
      for (let at = cameFrom.get(node); at; at = cameFrom.get(at)) way.push(at);
      return way.reverse();
    }
    const nodes = following.get(node) ?? [];
    looked(nodes.length);
    for (const next of nodes) if (!barred.has(next) && !cameFrom.has(next)) cameFrom.set(next, node);
  }
  return null;
}

/** Looks for ways to one node; `looks` counts the nodes and edges that were looked at. */
function searchFor(following: Successors, to: string) {
  const distances = distancesTo(following, to);
  const distanceOf = (node: string): number => distances.get(node) ?? Number.POSITIVE_INFINITY;
  const search = { distanceOf, looks: 0 };
  const nearest = (nodes: string[]): number =>
    nodes.reduce((least, node) => Math.min(least, distanceOf(node)), Number.POSITIVE_INFINITY);

  /** Straight on from the nearest of `first`; null when that meets the path. */
  const straightOn = (first: string[], barred: ReadonlySet<string>): string[] | null => {
    let distance = nearest(first);
    const way: string[] = [];
    let node = first.find((other) => distanceOf(other) === distance);
    while (node !== undefined && !barred.has(node)) {
      way.push(node);
      if (node === to) return way;
      distance--;
      node = following.get(node)?.find((other) => distanceOf(other) === distance);
    }
    return null;
  };

  /** What follows `path[at]` in the shortest path of a family; null when it has none. */
  const restOf = ({ path, at, without }: Family): string[] | null => {
    const barred = new Set(path.slice(0, at + 1));
    search.looks += barred.size;
    const all = following.get(path[at] ?? "") ?? [];
    const first = all.filter((node) => !without.has(node) && !barred.has(node) && distances.has(node));
    const looked = (edges: number) => {
      search.looks += edges;
    };
    return straightOn(first, barred) ?? wayAround(following, first, to, barred, looked);
  };

  /** The families that a family falls into but for its shortest path, `path`. */
  const split = (path: string[], { at, without }: Family): Family[] => {
    const places = new Map(path.map((node, i) => [node, i]));
    return path.slice(at, -1).flatMap((node, k): Family[] => {
      const i = at + k;
      const taken = new Set([...(k ? [] : without), path[i + 1] ?? ""]);
      const others = (following.get(node) ?? []).filter(
        (next) => !taken.has(next) && (places.get(next) ?? path.length) > i,
      );
      const length = i + 1 + nearest(others);
      return Number.isFinite(length) ? [{ path, at: i, without: taken, length, rest: null }] : [];
    });
  };
  return Object.assign(search, { restOf, split });
}

/**
 * The `count` shortest paths from one node to another, none of which holds a node twice; `longest` bounds their edges. Families of paths are
 * split along the shortest path of each, which belongs to no other (Yen's method as Lawler has it), and a family's own is looked for only
 * when its turn comes: cost follows nodes and edges.
 */
export function findShortestPaths(
  following: Successors,
  from: string,
  to: string,
  count: number,
  longest = Number.POSITIVE_INFINITY,
): PathSearchResult {
  const search = searchFor(following, to);
  const paths: string[][] = [];
  const families: Family[] = [{ path: [from], at: 0, without: new Set(), length: search.distanceOf(from), rest: null }];
  while (search.looks <= mostLooks) {
    const [family] = families.splice(shortestOf(families), 1);
    if (!family || family.length > longest || family.length === Number.POSITIVE_INFINITY)
      return { paths, complete: longest === Number.POSITIVE_INFINITY };
    const rest = family.rest ?? search.restOf(family);
    if (!rest) continue;
    const length = family.at + rest.length;
    if (length > family.length) {
      families.push({ ...family, length, rest });
      continue;
    }
    if (paths.length === count) return { paths, complete: false };
    const path = [...family.path.slice(0, family.at + 1), ...rest];
    paths.push(path);
    families.push(...search.split(path, family));
  }
  return { paths, complete: false };
}

/** Where the family with the shortest path stands, the first of several. */
function shortestOf(families: Family[]): number {
  let best = 0;
  for (const [i, { length }] of families.entries()) if (length < (families[best]?.length ?? 0)) best = i;
  return best;
}
