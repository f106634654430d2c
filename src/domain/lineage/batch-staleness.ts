import { setImmediate as nextTurn } from "node:timers/promises";
import { at, findComponents, groupLinks, type Links } from "../../lib/strongly-connected.ts";

/** A version of an artifact; `node` is its number in the graph. */
export interface IndexedVersion {
  node: number;
  number: number;
  ready: boolean;
}

/** A lineage graph whose nodes are numbered from 0; edge k leads from `froms[k]` to `tos[k]`, in the direction of the data. */
export interface IndexedGraph {
  nodeCount: number;
  froms: Int32Array;
  tos: Int32Array;
  /** The artifacts that can make inputs outdated: the versions of each, newest first. */
  artifacts: IndexedVersion[][];
}

/** The graph with each cycle merged into one component, numbered so that data flows from lower to higher numbers. */
interface ComponentGraph {
  /** The component of each node. */
  component: Int32Array;
  predecessors: Links;
  successors: Links;
}

/**
 * Maps each node to the node that represents it. About half of the nodes are executions, most of them with one output: such an execution has the same
 * ancestors and descendants as its output, and its own staleness isn't needed, so the output represents it.
 */
function collapseExecutions({ nodeCount, froms, tos, artifacts }: IndexedGraph, versions: number[]): Int32Array {
  const isNeeded = new Uint8Array(nodeCount);
  for (const node of versions) isNeeded[node] = 1;
  for (const items of artifacts) for (const { node } of items) isNeeded[node] = 1;
  const none = -1;
  const several = -2;
  const onlySuccessor = new Int32Array(nodeCount).fill(none);
  for (let k = 0; k < froms.length; k++) {
    const [from, to] = [at(froms, k), at(tos, k)];
    const known = at(onlySuccessor, from);
    onlySuccessor[from] = known === none || known === to ? to : several;
  }
  return onlySuccessor.map((to, node) => (to >= 0 && !isNeeded[node] && isNeeded[to] ? to : node));
}

function toComponentGraph(graph: IndexedGraph, versions: number[]): ComponentGraph {
  const { nodeCount } = graph;
  const representatives = collapseExecutions(graph, versions);
  const froms = graph.froms.map((node) => at(representatives, node));
  const tos = graph.tos.map((node) => at(representatives, node));
  const { component, components } = findComponents(nodeCount, groupLinks(nodeCount, tos, froms));
  const between = froms.map((_, k) => k).filter((k) => at(component, at(froms, k)) !== at(component, at(tos, k)));
  const from = between.map((k) => at(component, at(froms, k)));
  const to = between.map((k) => at(component, at(tos, k)));
  return { component, predecessors: groupLinks(components, to, from), successors: groupLinks(components, from, to) };
}

/** A batch has one bit per version in words of 32 bits; the words of a component are adjacent, so that they share cache lines. */
const wordsPerBatch = 16;
const batchSize = wordsPerBatch * 32;

/**
 * Propagates the bits of each component along its links, from component `first` to `end` and beyond as long as links lead further. Returns the last
 * component reached.
 */
function propagate(bits: Int32Array, links: Links, first: number, end: number, step: 1 | -1): number {
  let last = end;
  for (let i = first; (last - i) * step >= 0; i += step) {
    const source = i * wordsPerBatch;
    if (!hasAnyBit(bits, source)) continue;
    for (let k = at(links.starts, i); k < at(links.starts, i + 1); k++) {
      const other = at(links.ends, k);
      const target = other * wordsPerBatch;
      for (let w = 0; w < wordsPerBatch; w++) bits[target + w] = at(bits, target + w) | at(bits, source + w);
      if ((other - last) * step > 0) last = other;
    }
  }
  return last;
}

function hasAnyBit(bits: Int32Array, from: number): boolean {
  for (let w = 0; w < wordsPerBatch; w++) if (at(bits, from + w) !== 0) return true;
  return false;
}

/** The working memory for one batch of versions. Bit i of a set stands for version i of the batch. */
interface Batch {
  components: ComponentGraph;
  /** The position of a node in the batch, from 1; 0 for nodes that aren't in it. */
  position: Int32Array;
  /** By component, `wordsPerBatch` each: the versions that it is an ancestor of (or contains), and those that it descends from (or contains). */
  ancestorOf: Int32Array;
  descendantOf: Int32Array;
  /** The range of components with bits in `ancestorOf`. */
  lowest: number;
  highest: number;
  /** For the current artifact: the versions that have any of its versions as an input. */
  inputs: Int32Array;
  /** For the current artifact: the versions that have an input older than its i-th newest version. */
  olderInputs: Int32Array;
  /** The versions known to be stale. */
  stale: Int32Array;
}

function createBatch(graph: IndexedGraph, components: ComponentGraph): Batch {
  const componentCount = components.predecessors.starts.length - 1;
  const maxVersions = graph.artifacts.reduce((max, { length }) => Math.max(max, length), 0);
  return {
    components,
    position: new Int32Array(graph.nodeCount),
    ancestorOf: new Int32Array(componentCount * wordsPerBatch),
    descendantOf: new Int32Array(componentCount * wordsPerBatch),
    lowest: 0,
    highest: 0,
    inputs: new Int32Array(wordsPerBatch),
    olderInputs: new Int32Array(maxVersions * wordsPerBatch),
    stale: new Int32Array(wordsPerBatch),
  };
}

/** Clears the bit of the version at a position (from 1) of the batch, if it is in this word; position 0 clears none. */
function clearBit(bits: number, position: number, word: number): number {
  return (position - 1) >> 5 === word ? bits & ~(1 << ((position - 1) & 31)) : bits;
}

/** Fills `inputs` and `olderInputs` for the versions of an artifact, newest first. False when all versions with inputs are known to be stale. */
function readInputs(versions: IndexedVersion[], batch: Batch): boolean {
  const { inputs, olderInputs, stale, components, ancestorOf, lowest, highest } = batch;
  inputs.fill(0);
  for (let i = versions.length - 1; i >= 0; i--) {
    olderInputs.set(inputs, i * wordsPerBatch);
    const node = versions[i]?.node ?? 0;
    const component = at(components.component, node);
    if (component < lowest || component > highest) continue;
    const own = at(batch.position, node);
    for (let w = 0; w < wordsPerBatch; w++)
      inputs[w] = at(inputs, w) | clearBit(at(ancestorOf, component * wordsPerBatch + w), own, w);
  }
  for (let w = 0; w < wordsPerBatch; w++) inputs[w] = at(inputs, w) & ~at(stale, w);
  return hasAnyBit(inputs, 0);
}

/** Marks the versions of the batch that are stale because of an artifact, whose versions come newest first. */
function markStale(versions: IndexedVersion[], batch: Batch): void {
  if (!readInputs(versions, batch)) return;
  const { components, position, ancestorOf, descendantOf, inputs, olderInputs, stale } = batch;
  let isNewest = true;
  for (let i = 0; i < versions.length && hasAnyBit(inputs, 0); i++) {
    const version = versions[i];
    if (!version?.ready) continue;
    const start = at(components.component, version.node) * wordsPerBatch;
    const own = at(position, version.node);
    for (let w = 0; w < wordsPerBatch; w++) {
      const hasAsInput = clearBit(at(ancestorOf, start + w), own, w);
      // Versions with the newest one among their inputs are fresh. Others are judged by the newest one that doesn't descend from them.
      const remaining = isNewest ? at(inputs, w) & ~hasAsInput : at(inputs, w);
      const judged = remaining & ~at(descendantOf, start + w);
      stale[w] = at(stale, w) | (judged & ~hasAsInput & at(olderInputs, i * wordsPerBatch + w));
      inputs[w] = remaining & ~judged;
    }
    isNewest = false;
  }
}

/** The stale ones of at most `batchSize` versions, which are sorted by component; clears the batch afterwards. */
function computeStaleBatch(members: number[], { artifacts }: IndexedGraph, batch: Batch): number[] {
  const { components, position, ancestorOf, descendantOf, stale } = batch;
  members.forEach((node, i) => {
    position[node] = i + 1;
    const word = at(components.component, node) * wordsPerBatch + (i >> 5);
    for (const bits of [ancestorOf, descendantOf]) bits[word] = at(bits, word) | (1 << (i & 31));
  });
  const [first = 0, last = 0] = [members[0], members.at(-1)].map((node) => at(components.component, node ?? 0));
  batch.lowest = propagate(ancestorOf, components.predecessors, last, first, -1);
  batch.highest = last;
  const farthest = propagate(descendantOf, components.successors, first, last, 1);
  for (const versions of artifacts) markStale(versions, batch);
  const found = members.filter((_, i) => (at(stale, i >> 5) & (1 << (i & 31))) !== 0);
  for (const node of members) position[node] = 0;
  ancestorOf.fill(0, batch.lowest * wordsPerBatch, (last + 1) * wordsPerBatch);
  descendantOf.fill(0, first * wordsPerBatch, (farthest + 1) * wordsPerBatch);
  stale.fill(0);
  return found;
}

/**
 * Computes which of these versions have outdated inputs, as `findStaleness` defines it for one version. Handles 512 versions at a time in one pass
 * upstream and one downstream, and yields to the event loop between batches.
 */
export async function computeStaleVersions(graph: IndexedGraph, versions: number[]): Promise<number[]> {
  const components = toComponentGraph(graph, versions);
  const batch = createBatch(graph, components);
  // Versions of neighboring components have mostly the same ancestors.
  const sorted = [...versions].sort((a, b) => at(components.component, a) - at(components.component, b));
  const stale: number[] = [];
  for (let start = 0; start < sorted.length; start += batchSize) {
    for (const node of computeStaleBatch(sorted.slice(start, start + batchSize), graph, batch)) stale.push(node);
    await nextTurn();
  }
  return stale;
}
