import { at, findComponents, groupLinks, type Links } from "../../lib/strongly-connected.ts";

/** A version in a numbered graph. */
export interface IndexedVersion {
  node: number;
  number: number;
  ready: boolean;
}

/** A lineage graph with its nodes numbered: an edge from `froms[k]` to `tos[k]`, along the data, for each k. */
export interface IndexedGraph {
  nodeCount: number;
  froms: Int32Array;
  tos: Int32Array;
  /** The artifacts that can make something stale: their versions, newest first. */
  artifacts: IndexedVersion[][];
}

/** The graph with its cycles drawn together, so that data flows from lower numbers to higher. */
interface Flow {
  component: Int32Array;
  before: Links;
  after: Links;
}

/**
 * What each node is taken for. Half of a lineage are executions, most with one output: what reaches, or is reached from, such a one is the same as of
 * its output, and nobody asks about the execution itself.
 */
function collapseExecutions({ nodeCount: count, froms, tos, artifacts }: IndexedGraph, versions: number[]): Int32Array {
  const asked = new Uint8Array(count);
  for (const node of versions) asked[node] = 1;
  for (const items of artifacts) for (const { node } of items) asked[node] = 1;
  const several = -2;
  const next = new Int32Array(count).fill(-1);
  for (let k = 0; k < froms.length; k++) {
    const [from, to] = [at(froms, k), at(tos, k)];
    next[from] = at(next, from) === -1 || at(next, from) === to ? to : several;
  }
  return next.map((to, node) => (to >= 0 && !asked[node] && asked[to] ? to : node));
}

function flowOf(graph: IndexedGraph, versions: number[]): Flow {
  const { nodeCount: count } = graph;
  const standIns = collapseExecutions(graph, versions);
  const froms = graph.froms.map((node) => at(standIns, node));
  const tos = graph.tos.map((node) => at(standIns, node));
  const { component, components } = findComponents(count, groupLinks(count, tos, froms));
  const between = froms.map((_, k) => k).filter((k) => at(component, at(froms, k)) !== at(component, at(tos, k)));
  const from = between.map((k) => at(component, at(froms, k)));
  const to = between.map((k) => at(component, at(tos, k)));
  return { component, before: groupLinks(components, to, from), after: groupLinks(components, from, to) };
}

/** Versions are looked at so many words of 32 at once: what is read for one word is near at hand for the others. */
const words = 16;
const together = words * 32;

/** Hands the words of each component on along its links, from `first` to `until` and on as far as any reach; says how far that was. */
function propagate(bits: Int32Array, links: Links, first: number, until: number, step: 1 | -1): number {
  let last = until;
  for (let i = first; (last - i) * step >= 0; i += step) {
    const mine = i * words;
    if (!anyBit(bits, mine)) continue;
    for (let k = at(links.starts, i); k < at(links.starts, i + 1); k++) {
      const other = at(links.ends, k);
      const theirs = other * words;
      for (let w = 0; w < words; w++) bits[theirs + w] = at(bits, theirs + w) | at(bits, mine + w);
      if ((other - last) * step > 0) last = other;
    }
  }
  return last;
}

function anyBit(bits: Int32Array, from: number): boolean {
  for (let w = 0; w < words; w++) if (at(bits, from + w) !== 0) return true;
  return false;
}

/** Versions that are looked at together, a bit for each. */
interface Batch {
  flow: Flow;
  /** Which of the batch a node is, from 1; 0 for others. */
  place: Int32Array;
  /** By component, `words` each: of whom it holds ancestors or the version itself, and of whom descendants or itself. */
  above: Int32Array;
  below: Int32Array;
  /** The components that `above` says anything of. */
  low: number;
  high: number;
  /** Of one artifact: who has any of its versions among the inputs, and who has any older than the i-th newest. */
  inputs: Int32Array;
  older: Int32Array;
  /** Who is stale. */
  stale: Int32Array;
}

function emptyBatch(graph: IndexedGraph, flow: Flow): Batch {
  const components = flow.before.starts.length - 1;
  const longest = graph.artifacts.reduce((most, { length }) => Math.max(most, length), 0);
  return {
    flow,
    place: new Int32Array(graph.nodeCount),
    above: new Int32Array(components * words),
    below: new Int32Array(components * words),
    ...{ low: 0, high: 0 },
    inputs: new Int32Array(words),
    older: new Int32Array(longest * words),
    stale: new Int32Array(words),
  };
}

/** Who of a word of bits is another than the one at a place of the batch, from 1; 0 is none. */
function clearBit(bits: number, place: number, word: number): number {
  return (place - 1) >> 5 === word ? bits & ~(1 << ((place - 1) & 31)) : bits;
}

/** Fills `inputs` and `older` for the versions of an artifact, newest first; says whether there is anything in them but who is stale anyway. */
function readInputs(versions: IndexedVersion[], batch: Batch): boolean {
  const { inputs, older, stale, flow, above, low, high } = batch;
  inputs.fill(0);
  for (let i = versions.length - 1; i >= 0; i--) {
    older.set(inputs, i * words);
    const { node } = versions[i] as IndexedVersion;
    const component = at(flow.component, node);
    if (component < low || component > high) continue;
    const itself = at(batch.place, node);
    for (let w = 0; w < words; w++) inputs[w] = at(inputs, w) | clearBit(at(above, component * words + w), itself, w);
  }
  for (let w = 0; w < words; w++) inputs[w] = at(inputs, w) & ~at(stale, w);
  return anyBit(inputs, 0);
}

/** Adds those that some of an artifact's versions make stale. Its versions come newest first. */
function addStale(versions: IndexedVersion[], batch: Batch): void {
  if (!readInputs(versions, batch)) return;
  const { flow, place, above, below, inputs, older, stale } = batch;
  let first = true;
  for (let i = 0; i < versions.length && anyBit(inputs, 0); i++) {
    const { node, ready } = versions[i] as IndexedVersion;
    if (!ready) continue;
    const from = at(flow.component, node) * words;
    const itself = at(place, node);
    for (let w = 0; w < words; w++) {
      const fed = clearBit(at(above, from + w), itself, w);
      // Whoever has the very newest among its inputs is fresh; others are measured by the newest that doesn't come from themselves.
      const left = first ? at(inputs, w) & ~fed : at(inputs, w);
      const measured = left & ~at(below, from + w);
      stale[w] = at(stale, w) | (measured & ~fed & at(older, i * words + w));
      inputs[w] = left & ~measured;
    }
    first = false;
  }
}

/** Which of some versions, that are ordered by their components, are stale; leaves the batch empty again. */
function staleOf(members: number[], { artifacts }: IndexedGraph, batch: Batch): number[] {
  const { flow, place, above, below, stale } = batch;
  members.forEach((node, i) => {
    place[node] = i + 1;
    const word = at(flow.component, node) * words + (i >> 5);
    for (const bits of [above, below]) bits[word] = at(bits, word) | (1 << (i & 31));
  });
  const [lowest = 0, highest = 0] = [members[0], members.at(-1)].map((node) => at(flow.component, node ?? 0));
  batch.low = propagate(above, flow.before, highest, lowest, -1);
  batch.high = highest;
  const farthest = propagate(below, flow.after, lowest, highest, 1);
  for (const versions of artifacts) addStale(versions, batch);
  const found = members.filter((_, i) => (at(stale, i >> 5) & (1 << (i & 31))) !== 0);
  for (const node of members) place[node] = 0;
  above.fill(0, batch.low * words, (highest + 1) * words);
  below.fill(0, lowest * words, (farthest + 1) * words);
  stale.fill(0);
  return found;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Which of these versions have an outdated input, as `stalenessOf` says it of one: hundreds at a time, in one pass upstream and one downstream
 * over what they reach. Lets other work go on between the passes.
 */
export async function computeStaleVersions(graph: IndexedGraph, versions: number[]): Promise<number[]> {
  const flow = flowOf(graph, versions);
  const batch = emptyBatch(graph, flow);
  // Neighbours reach much the same.
  const sorted = [...versions].sort((a, b) => at(flow.component, a) - at(flow.component, b));
  const stale: number[] = [];
  for (let start = 0; start < sorted.length; start += together) {
    for (const node of staleOf(sorted.slice(start, start + together), graph, batch)) stale.push(node);
    await pause();
  }
  return stale;
}
