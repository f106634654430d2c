import * as v from "valibot";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";

/** Maximum number of versions and executions that a search for stale versions may visit. */
export const maxVisitedNodes = 500_000;

const findDirectPredecessors = statement({
  name: "direct-predecessors",
  params: { ids: v.array(v.string()) },
  row: { froms: v.array(v.string()), tos: v.array(v.string()) },
});

/** Throws `TOO_COMPLEX` when `actual` exceeds `limit`; `what` names the counted items in the message. */
export function assertWithinLimit(actual: number, limit: number, what: string): void {
  if (actual <= limit) return;
  const message = `stale: this filter would visit more than ${limit} ${what}; query the staleness of single versions`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** Creates a graph that grows upstream, with its nodes numbered from 0 in the order in which they are found. */
export function createUpstreamGraph(ports: Pick<Ports, "graph">) {
  const numbers = new Map<string, number>();
  const froms: number[] = [];
  const tos: number[] = [];
  const assignNumber = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  };
  /** Adds the direct predecessors of nodes and returns those that are new. */
  const addPredecessors = async (ids: string[]): Promise<string[]> => {
    if (!ids.length) return [];
    const added: string[] = [];
    for (const edges of await ports.graph.read(findDirectPredecessors, { ids })) {
      edges.froms.forEach((from, i) => {
        if (!numbers.has(from)) added.push(from);
        froms.push(assignNumber(from));
        tos.push(assignNumber(edges.tos[i] ?? ""));
      });
    }
    assertWithinLimit(numbers.size, maxVisitedNodes, "versions and executions upstream");
    return added;
  };
  return {
    /** The number of each node by id. */
    numbers,
    /** All edges found so far, as numbers of nodes. */
    edges: () => ({ froms: Int32Array.from(froms), tos: Int32Array.from(tos) }),
    /** Adds everything upstream of versions, with two statements per level; resolves with the ids of the versions that were added. */
    addUpstream: async (versions: string[]): Promise<string[]> => {
      const added: string[] = [];
      for (const id of versions) assignNumber(id);
      for (let level = versions; level.length; ) {
        level = await addPredecessors(await addPredecessors(level));
        for (const id of level) added.push(id);
      }
      return added;
    },
  };
}

export type UpstreamGraph = ReturnType<typeof createUpstreamGraph>;
