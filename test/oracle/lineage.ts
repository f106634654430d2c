import { judge, type Traits } from "./lineage-filter.ts";

/** A recorded edge; `from` to `to` follows the data. */
export interface PlainEdge {
  from: string;
  to: string;
  kind: "CONSUMED" | "PRODUCED" | "DERIVED";
  slot: string | null;
  role: string | null;
}

/** A lineage graph as plain data: versions with their artifacts, and all recorded edges at executions. */
export interface PlainGraph {
  /** The artifact of each version. */
  artifactOf: Map<string, string>;
  edges: PlainEdge[];
  /** The fields that filters use. */
  traits?: Map<string, Traits>;
}

/** A query; without `depth` it is unlimited. The actor may not read `hidden` projects. */
export interface Question {
  roots: string[];
  direction: "UPSTREAM" | "DOWNSTREAM" | "BOTH";
  granularity: "EXECUTION" | "VERSION" | "ARTIFACT";
  depth?: number;
  limit: number;
  filter?: object;
  stopAt?: object;
  hidden?: string[];
}

/** An answer, nodes by name with signed depths, in its order. */
export interface PlainLineage {
  nodes: { id: string; depth: number }[];
  edges: PlainEdge[];
  truncated: boolean;
  omitted: { depth: number; count: number | null }[];
}

type Depths = Map<string, number>;

/** Whether a filter matches a node: null when no condition applies, as for unreadable nodes. */
function said({ traits }: PlainGraph, { hidden = [] }: Question, filter: object | undefined, id: string) {
  const thing = traits?.get(id);
  return filter && thing && !hidden.includes(thing.project) ? judge(filter, thing) : null;
}

/** Breadth first from the roots in one direction; executions count when they are entered. */
function breadthFirst(graph: PlainGraph, question: Question, upstream: boolean): Depths {
  const { roots, stopAt } = question;
  const stops = (id: string) => !roots.includes(id) && said(graph, question, stopAt, id) === true;
  const depths: Depths = new Map(roots.map((root) => [root, 0]));
  let level = new Set(depths.keys());
  while (level.size) {
    const next = new Set<string>();
    for (const edge of graph.edges) {
      const [here, there] = upstream ? [edge.to, edge.from] : [edge.from, edge.to];
      const depth = depths.get(here);
      if (depth === undefined || !level.has(here) || depths.has(there) || stops(here)) continue;
      depths.set(there, graph.artifactOf.has(there) ? depth : depth + 1);
      next.add(there);
    }
    level = next;
  }
  return depths;
}

/** The nearer of two signed depths; downstream when both are as far. */
function nearer(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return a ?? b ?? 0;
  if (Math.abs(a) === Math.abs(b)) return Math.max(a, b);
  return Math.abs(a) < Math.abs(b) ? a : b;
}

function signedDepths(graph: PlainGraph, question: Question): Depths {
  const { direction, depth } = question;
  const up = direction === "DOWNSTREAM" ? new Map<string, number>() : breadthFirst(graph, question, true);
  const down = direction === "UPSTREAM" ? new Map<string, number>() : breadthFirst(graph, question, false);
  const all: Depths = new Map();
  for (const id of new Set([...up.keys(), ...down.keys()])) {
    const above = up.get(id);
    const found = nearer(above === undefined ? undefined : 0 - above, down.get(id));
    if (Math.abs(found) <= (depth ?? Number.POSITIVE_INFINITY)) all.set(id, found);
  }
  return all;
}

function keyOf(edge: PlainEdge): string {
  return JSON.stringify([edge.from, edge.to, edge.kind, edge.slot, edge.role]);
}

/** Distinct edges in canonical order. */
export function sortEdges(edges: PlainEdge[]): PlainEdge[] {
  return [...new Map(edges.map((edge) => [keyOf(edge), edge]))]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, edge]) => edge);
}

/** Which versions were made from which by an execution within the lineage. */
function derived(graph: PlainGraph, cone: Depths): PlainEdge[] {
  const inside = graph.edges.filter((edge) => cone.has(edge.from) && cone.has(edge.to));
  return inside.flatMap((read) =>
    inside.flatMap((made) =>
      read.kind === "CONSUMED" && made.kind === "PRODUCED" && made.from === read.to
        ? [{ from: read.from, to: made.to, kind: "DERIVED" as const, slot: null, role: null }]
        : [],
    ),
  );
}

/** Everything visible without a limit, at the given granularity. */
function everything(graph: PlainGraph, question: Question): { depths: Depths; edges: PlainEdge[] } {
  const shows = (id: string) => question.roots.includes(id) || said(graph, question, question.filter, id) !== false;
  const depths: Depths = new Map([...signedDepths(graph, question)].filter(([id]) => shows(id)));
  if (question.granularity === "EXECUTION") return { depths, edges: graph.edges };
  const edges = derived(graph, depths);
  const versions: Depths = new Map([...depths].filter(([id]) => graph.artifactOf.has(id)));
  if (question.granularity === "VERSION") return { depths: versions, edges };
  const artifactOf = (id: string): string => graph.artifactOf.get(id) ?? "";
  const artifacts: Depths = new Map();
  for (const [id, depth] of versions) artifacts.set(artifactOf(id), nearer(artifacts.get(artifactOf(id)), depth));
  const between = edges.map((edge) => ({ ...edge, from: artifactOf(edge.from), to: artifactOf(edge.to) }));
  return { depths: artifacts, edges: between };
}

/** In one direction: the first incomplete level with the number of omitted nodes, then the next non-empty one. */
function omittedOn(left: number[], sign: 1 | -1): PlainLineage["omitted"] {
  const mine = left.filter((depth) => depth === 0 || Math.sign(depth) === sign);
  const levels = [...new Set(mine)].sort((a, b) => Math.abs(a) - Math.abs(b)).slice(0, 2);
  return levels.map((depth, i) => ({ depth, count: i ? null : mine.filter((other) => other === depth).length }));
}

/** The omitted levels, each once, from far upstream to far downstream. */
export function sortOmitted(levels: PlainLineage["omitted"]): PlainLineage["omitted"] {
  return [...new Map(levels.map((level) => [level.depth, level])).values()].sort((a, b) => a.depth - b.depth);
}

/** The first `count` of the candidates, those shown in the answer first. */
function choose<T>(allowed: T[], key: (item: T) => string, shown: Set<string>, count: number): T[] {
  return [...allowed].sort((a, b) => Number(shown.has(key(b))) - Number(shown.has(key(a)))).slice(0, count);
}

/**
 * The right answer to a query. At the limit the service may choose which nodes of the last level, and which edges, it shows, as long as their
 * number is right: those choices are taken from its `answer`.
 */
export function expectedLineage(graph: PlainGraph, question: Question, answer: PlainLineage): PlainLineage {
  const { depths, edges } = everything(graph, question);
  const sorted = [...depths]
    .map(([id, depth]) => ({ id, depth }))
    .sort((a, b) => Math.abs(a.depth) - Math.abs(b.depth));
  const cut = Math.abs(sorted[question.limit]?.depth ?? Number.POSITIVE_INFINITY);
  const whole = sorted.filter(({ depth }) => Math.abs(depth) < cut);
  const partial = sorted.filter(({ depth }) => Math.abs(depth) === cut);
  const preferred = new Set(answer.nodes.map(({ id }) => id));
  const nodes = [...whole, ...choose(partial, ({ id }) => id, preferred, question.limit - whole.length)];
  const shown = new Set(nodes.map(({ id }) => id));
  const between = sortEdges(edges.filter(({ from, to }) => shown.has(from) && shown.has(to)));
  const limit = question.limit * 10;
  const given = new Set(answer.edges.map(keyOf));
  const left = sorted.flatMap(({ id, depth }) => (shown.has(id) ? [] : [depth]));
  return {
    nodes,
    edges: sortEdges(between.length > limit ? choose(between, keyOf, given, limit) : between),
    truncated: left.length > 0 || between.length > limit,
    omitted: sortOmitted([...omittedOn(left, -1), ...omittedOn(left, 1)]),
  };
}
