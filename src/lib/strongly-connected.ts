/** The links of numbered nodes: those of node i lead to the nodes in `ends` from index `starts[i]` to before `starts[i + 1]`. */
export interface Links {
  starts: Int32Array;
  ends: Int32Array;
}

/** The item at an index, which must be within bounds. */
export function at(list: Int32Array, i: number): number {
  return list[i] ?? 0;
}

/** The links from `froms[k]` to `tos[k]`, grouped by their source. */
export function groupLinks(count: number, froms: Int32Array, tos: Int32Array): Links {
  const starts = new Int32Array(count + 1);
  for (const from of froms) starts[from + 1] = at(starts, from + 1) + 1;
  for (let i = 0; i < count; i++) starts[i + 1] = at(starts, i + 1) + at(starts, i);
  const next = starts.slice(0, count);
  const ends = new Int32Array(froms.length);
  for (let k = 0; k < froms.length; k++) {
    const from = at(froms, k);
    ends[at(next, from)] = at(tos, k);
    next[from] = at(next, from) + 1;
  }
  return { starts, ends };
}

/**
 * The strongly connected component of each node, numbered so that every link between two components leads to the lower number. Tarjan's algorithm with an
 * explicit stack, because a chain may be longer than the call stack allows.
 */
export function findComponents(count: number, links: Links): { component: Int32Array; components: number } {
  const component = new Int32Array(count).fill(-1);
  const seenAt = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const next = links.starts.slice(0, count);
  const open: number[] = [];
  const path: number[] = [];
  let clock = 0;
  let components = 0;

  const enter = (node: number): void => {
    seenAt[node] = clock;
    low[node] = clock++;
    open.push(node);
  };
  const lower = (node: number, to: number): void => {
    if (to < at(low, node)) low[node] = to;
  };
  const follow = (node: number): void => {
    const other = at(links.ends, at(next, node));
    next[node] = at(next, node) + 1;
    if (at(seenAt, other) < 0) path.push(other);
    else if (at(component, other) < 0) lower(node, at(seenAt, other));
  };
  const leave = (node: number): void => {
    path.pop();
    const parent = path.at(-1);
    if (parent !== undefined) lower(parent, at(low, node));
    if (at(low, node) !== at(seenAt, node)) return;
    for (let member = open.pop(); member !== undefined; member = member === node ? undefined : open.pop())
      component[member] = components;
    components++;
  };
  for (let root = 0; root < count; root++) {
    if (at(seenAt, root) < 0) path.push(root);
    for (let node = path.at(-1); node !== undefined; node = path.at(-1)) {
      if (at(seenAt, node) < 0) enter(node);
      if (at(next, node) < at(links.starts, node + 1)) follow(node);
      else leave(node);
    }
  }
  return { component, components };
}
