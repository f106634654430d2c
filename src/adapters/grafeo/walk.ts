import type { GraphStore, Walk, WalkBounds, WalkDirection, WalkEdge, WalkNode } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { counter, type WalkRow, walkEdge, walkNode } from "../../ports/walk-rows.ts";

type HopRow = WalkRow & { from: string; to: string; type: string; slot: string; role: string };

const roots = statement<{ roots: string[] }, WalkRow>("walk/roots");
const hops = {
  UPSTREAM: statement<{ frontier: string[] }, HopRow>("walk/grafeo-upstream"),
  DOWNSTREAM: statement<{ frontier: string[] }, HopRow>("walk/grafeo-downstream"),
};

/**
 * Level by level with the visited set here: Grafeo enumerates paths for anything but plain reachability, and a running statement
 * can't be cancelled. One hop more than shown is read, so that the edges from the last level back into the cone are there too.
 */
export const walkGrafeo = async (
  read: GraphStore["read"],
  from: string[],
  direction: WalkDirection,
  bounds: WalkBounds,
): Promise<Walk> => {
  const nodes = new Map<string, WalkNode>();
  const edges: WalkEdge[] = [];
  const count = counter(bounds.counted);

  const visit = (rows: WalkRow[]): string[] => {
    const fresh: string[] = [];
    for (const row of rows) {
      if (nodes.has(row.id)) continue;
      const node = walkNode(row);
      nodes.set(row.id, node);
      count.add(node);
      fresh.push(row.id);
    }
    return fresh;
  };
  const hop = async (frontier: string[]): Promise<HopRow[]> => {
    if (!frontier.length) return [];
    const rows = await read(hops[direction], { frontier });
    for (const row of rows) edges.push(walkEdge(row.from, row.to, row.type, row.slot, row.role));
    return rows;
  };

  let frontier = visit(await read(roots, { roots: from }));
  let depth = 0;
  const level = async (): Promise<void> => {
    frontier = visit(await hop(visit(await hop(frontier))));
    depth++;
  };
  while (depth < bounds.depth && frontier.length && count.count() <= bounds.limit) await level();
  const shown = [...nodes.values()];
  const reached = count.count();
  if (depth === bounds.depth) await hop(frontier);
  while (depth < bounds.depth && frontier.length && count.count() === reached) await level();
  return { nodes: shown, edges, next: count.count() > reached ? depth : null };
};
