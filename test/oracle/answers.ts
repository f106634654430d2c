/** A version in a plain graph; `number` within its artifact. */
export interface PlainVersion {
  id: string;
  artifact: string;
  project: string;
  number: number;
  deleted: boolean;
  aliases: string[];
}

/** A graph as plain data; edges follow the data. */
export interface PlainGraph {
  versions: PlainVersion[];
  executions: { id: string; project: string }[];
  edges: { from: string; to: string; slot: string; role: string }[];
}

/** Which projects the actor may read. */
export type MayRead = (project: string) => boolean;

/** Everything reachable, with the number of executions crossed; 0 for the start. */
function reach({ edges }: PlainGraph, start: string, upstream: boolean): Map<string, number> {
  const hops = new Map([[start, 0]]);
  for (let hop = 1; ; hop++) {
    const before = hops.size;
    for (const { from, to } of edges) {
      const [here, there] = upstream ? [to, from] : [from, to];
      if (hops.get(here) === hop - 1 && !hops.has(there)) hops.set(there, hop);
    }
    if (hops.size === before) break;
  }
  return new Map([...hops].map(([id, hop]) => [id, Math.ceil(hop / 2)]));
}

/** Every simple path, by exhaustive search. */
export function allPaths({ edges }: PlainGraph, from: string, to: string): string[][] {
  const found: string[][] = [];
  const next = (id: string) => [...new Set(edges.filter((edge) => edge.from === id).map((edge) => edge.to))];
  const visit = (path: string[]): void => {
    const last = path.at(-1) ?? "";
    if (last === to) found.push(path);
    else for (const id of next(last)) if (!path.includes(id)) visit([...path, id]);
  };
  visit([from]);
  return found.sort((a, b) => a.length - b.length);
}

/** The descendants of a version: counts, and aliases with their distances. */
export function plainImpact(graph: PlainGraph, of: string, may: MayRead) {
  const depths = reach(graph, of, false);
  const versions = graph.versions.filter(({ id }) => id !== of && depths.has(id));
  const aliased = versions
    .filter(({ project }) => may(project))
    .flatMap(({ id, aliases }) => aliases.map((alias) => ({ id, alias, depth: depths.get(id) })));
  const executions = graph.executions.filter(({ id }) => depths.has(id)).length;
  return { aliased, versions: versions.length, executions, truncated: false };
}

/** The outdated inputs of a version. */
export function plainStaleness(graph: PlainGraph, of: string, may: MayRead) {
  const above = reach(graph, of, true);
  const below = reach(graph, of, false);
  const inputs = graph.versions.filter(({ id, project }) => id !== of && above.has(id) && may(project));
  const isInput = (version: PlainVersion | undefined) => inputs.some(({ id }) => id === version?.id);
  return inputs.flatMap((input) => {
    const there = graph.versions
      .filter((version) => version.artifact === input.artifact && !version.deleted)
      .sort((a, b) => b.number - a.number);
    const [newer] = there.filter(({ id, number }) => number > input.number && !below.has(id));
    // Already an input: the newest version of all, or the newest that counts.
    if (!newer || isInput(there[0]) || isInput(newer)) return [];
    return [{ input: input.id, newest: newer.id, depth: above.get(input.id) }];
  });
}
