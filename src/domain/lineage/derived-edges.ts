import type { WalkJoin } from "../../ports/graph-store.ts";

/** One edge of a lineage between versions, or between artifacts. */
export interface DerivedEdge {
  from: string;
  to: string;
}

function sorted(ids: Iterable<string>): string[] {
  return [...ids].sort();
}

/**
 * Who was made from whom, each pair once, in the order of their ids; `most` of them, so that an execution that read thousands and made thousands
 * doesn't cost their product.
 */
export function toDerivedEdges(joins: WalkJoin[], most: number): DerivedEdge[] {
  const madeBy = new Map<string, WalkJoin[]>();
  for (const join of joins) {
    if (!join.outputs.length) continue;
    for (const from of join.inputs) {
      const known = madeBy.get(from);
      if (known) known.push(join);
      else madeBy.set(from, [join]);
    }
  }
  const pairs: DerivedEdge[] = [];
  for (const from of sorted(madeBy.keys())) {
    const made = new Set((madeBy.get(from) ?? []).flatMap(({ outputs }) => outputs));
    for (const to of sorted(made)) pairs.push({ from, to });
    if (pairs.length >= most) break;
  }
  return pairs.slice(0, most);
}
