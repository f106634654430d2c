import { at, componentsOf, type Links, linksOf } from "../components.ts";

/** A version in a numbered graph. */
export interface NumberedVersion {
  node: number;
  number: number;
  ready: boolean;
}

/** A lineage graph with its nodes numbered: an edge from `froms[k]` to `tos[k]`, along the data, for each k. */
export interface NumberedGraph {
  count: number;
  froms: Int32Array;
  tos: Int32Array;
  /** The artifacts that can make something stale: their versions, newest first. */
  artifacts: NumberedVersion[][];
}

/** The graph with its cycles drawn together, so that data flows from lower numbers to higher. */
interface Flow {
  component: Int32Array;
  before: Links;
  after: Links;
}

const flowOf = ({ count, froms, tos }: NumberedGraph): Flow => {
  const { component, components } = componentsOf(count, linksOf(count, tos, froms));
  const between = froms.map((_, k) => k).filter((k) => at(component, at(froms, k)) !== at(component, at(tos, k)));
  const from = between.map((k) => at(component, at(froms, k)));
  const to = between.map((k) => at(component, at(tos, k)));
  return { component, before: linksOf(components, to, from), after: linksOf(components, from, to) };
};

/** Hands the bits of each component on along its links, from `first` to `until` and on as far as any reach; says how far that was. */
const spread = (bits: Int32Array, links: Links, first: number, until: number, step: 1 | -1): number => {
  let last = until;
  for (let i = first; (last - i) * step >= 0; i += step) {
    const mine = at(bits, i);
    if (mine === 0) continue;
    for (let k = at(links.starts, i); k < at(links.starts, i + 1); k++) {
      const other = at(links.ends, k);
      bits[other] = at(bits, other) | mine;
      if ((other - last) * step > 0) last = other;
    }
  }
  return last;
};

/** Up to 32 versions at once, a bit for each. */
interface Batch {
  /** The bit of a version of the batch, 0 for others. */
  self: Int32Array;
  /** By component: of whom it holds ancestors or the version itself, and of whom descendants or itself. */
  above: Int32Array;
  below: Int32Array;
}

/** The bits of those that some of an artifact's versions make stale. Its versions come newest first. */
const staleBy = (
  versions: NumberedVersion[],
  { component }: Flow,
  { self, above, below }: Batch,
  older: Int32Array,
): number => {
  const feeds = ({ node }: NumberedVersion): number => at(above, at(component, node)) & ~at(self, node);
  let inputs = 0;
  for (let i = versions.length - 1; i >= 0; i--) {
    older[i] = inputs;
    inputs |= feeds(versions[i] as NumberedVersion);
  }
  let stale = 0;
  let first = true;
  for (let i = 0; i < versions.length && inputs !== 0; i++) {
    const version = versions[i] as NumberedVersion;
    if (!version.ready) continue;
    const fed = feeds(version);
    // Whoever has the very newest among its inputs is fresh; others are measured by the newest that doesn't come from themselves.
    if (first) inputs &= ~fed;
    first = false;
    const measured = inputs & ~at(below, at(component, version.node));
    stale |= measured & ~fed & at(older, i);
    inputs &= ~measured;
  }
  return stale;
};

const pause = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/**
 * Which of these versions have an outdated input, as `stalenessOf` says it of one: 32 at a time, in one pass upstream and one downstream
 * over what they reach. Lets other work go on between the passes.
 */
export const staleAmong = async (graph: NumberedGraph, versions: number[]): Promise<number[]> => {
  const flow = flowOf(graph);
  const { component, before, after } = flow;
  const components = before.starts.length - 1;
  const batch: Batch = {
    self: new Int32Array(graph.count),
    above: new Int32Array(components),
    below: new Int32Array(components),
  };
  const longest = graph.artifacts.reduce((most, { length }) => Math.max(most, length), 0);
  const older = new Int32Array(longest);
  // Neighbours reach much the same.
  const sorted = [...versions].sort((a, b) => at(component, a) - at(component, b));
  const stale: number[] = [];
  for (let start = 0; start < sorted.length; start += 32) {
    const members = sorted.slice(start, start + 32);
    const places = members.map((node) => at(component, node));
    members.forEach((node, i) => {
      batch.self[node] = 1 << i;
      for (const bits of [batch.above, batch.below]) bits[places[i] ?? 0] = at(bits, places[i] ?? 0) | (1 << i);
    });
    const [lowest = 0, highest = 0] = [places[0], places.at(-1)];
    const low = spread(batch.above, before, highest, lowest, -1);
    const high = spread(batch.below, after, lowest, highest, 1);
    const found = graph.artifacts.reduce((bits, items) => bits | staleBy(items, flow, batch, older), 0);
    stale.push(...members.filter((_, i) => (found & (1 << i)) !== 0));
    for (const node of members) batch.self[node] = 0;
    batch.above.fill(0, low, highest + 1);
    batch.below.fill(0, lowest, high + 1);
    await pause();
  }
  return stale;
};
