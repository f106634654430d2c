import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";

/** Maximum versions and executions that a search for stale versions may visit. */
export const maxEntities = 500_000;

const directPredecessors = statement<{ ids: string[] }, { froms: string[]; tos: string[] }>("direct-predecessors");

export function assertWithinLimit(actual: number, limit: number, what: string): void {
  if (actual <= limit) return;
  const message = `stale: more than ${limit} ${what} would have to be looked at; ask for the staleness of single versions`;
  throw new DomainError("TOO_COMPLEX", message, { limit, actual });
}

/** A lineage graph that grows upstream, its things numbered as they are met. */
export function createUpstreamGraph(ports: Pick<Ports, "graph">) {
  const numbers = new Map<string, number>();
  const froms: number[] = [];
  const tos: number[] = [];
  const numberOf = (id: string): number => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return number;
  };
  /** Reads what stands right before things; gives what is new of it. */
  const step = async (ids: string[]): Promise<string[]> => {
    if (!ids.length) return [];
    const met: string[] = [];
    for (const edges of await ports.graph.read(directPredecessors, { ids })) {
      edges.froms.forEach((from, i) => {
        if (!numbers.has(from)) met.push(from);
        froms.push(numberOf(from));
        tos.push(numberOf(edges.tos[i] ?? ""));
      });
    }
    assertWithinLimit(numbers.size, maxEntities, "things upstream");
    return met;
  };
  return {
    numbers,
    edges: () => ({ froms: Int32Array.from(froms), tos: Int32Array.from(tos) }),
    /** Adds all that lies upstream of versions; gives the versions among it. One statement a level: the first levels hold most of it. */
    climb: async (versions: string[]): Promise<string[]> => {
      const met: string[] = [];
      for (const id of versions) numberOf(id);
      for (let level = versions; level.length; ) {
        level = await step(await step(level));
        for (const id of level) met.push(id);
      }
      return met;
    },
  };
}

export type UpstreamGraph = ReturnType<typeof createUpstreamGraph>;
