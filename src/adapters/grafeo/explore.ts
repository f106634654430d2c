import { fillTemplate } from "../../lib/cypher-files.ts";
import type { GraphStore, WalkBounds } from "../../ports/graph-store.ts";
import { type Params, statement } from "../../ports/statement.ts";
import type { KeyedNode } from "../shared/walk-rows.ts";

/** A version or execution that a walk reaches and shows. `key` is what it is shown by: its id, or at granularity ARTIFACT the artifact's key. */
export type Reached = KeyedNode;

type Row = { id: string; project: string; artifactKey: string | null };
type Read = GraphStore["read"];

const rootRows = statement<{ ids: string[] }, Row>("walk/grafeo-roots");
const hops = {
  UPSTREAM: statement<{ ids: string[]; asOf: number | null }, Row>("walk/grafeo-upstream"),
  DOWNSTREAM: statement<{ ids: string[]; asOf: number | null }, Row>("walk/grafeo-downstream"),
};

/** One way that a walk goes: what it has seen, and where it goes on from. */
interface Side {
  direction: "UPSTREAM" | "DOWNSTREAM";
  seen: Set<string>;
  frontier: string[];
}

function sidesOf(bounds: WalkBounds, roots: Row[]): Side[] {
  // Downstream first: what is as near on both sides is downstream.
  return (bounds.direction === "BOTH" ? (["DOWNSTREAM", "UPSTREAM"] as const) : [bounds.direction]).map(
    (direction) => ({
      direction,
      seen: new Set(roots.map(({ id }) => id)),
      frontier: roots.map(({ id }) => id),
    }),
  );
}

/** The ids of the rows that a condition holds of. */
async function fitting(read: Read, condition: string, params: Params, rows: Row[]): Promise<Set<string>> {
  if (!rows.length) return new Set();
  const text = fillTemplate("walk/which-match", { condition });
  const found = await read<Params, { id: string }>(
    { name: "walk/which-match", text },
    { ...params, ids: rows.map(({ id }) => id) },
  );
  return new Set(found.map(({ id }) => id));
}

/** One hop of a side; gives what it hadn't seen, and goes on from there but for what stops it. */
async function hop(read: Read, side: Side, { stopIf, params, asOf = null }: WalkBounds): Promise<Row[]> {
  if (!side.frontier.length) return [];
  const fresh = new Map<string, Row>();
  for (const row of await read(hops[side.direction], { ids: side.frontier, asOf })) {
    if (!side.seen.has(row.id)) fresh.set(row.id, { id: row.id, project: row.project, artifactKey: row.artifactKey });
  }
  const rows = [...fresh.values()];
  for (const { id } of rows) side.seen.add(id);
  const stopped = stopIf === null ? new Set() : await fitting(read, stopIf, { ...params, asOf }, rows);
  side.frontier = rows.flatMap(({ id }) => (stopped.has(id) ? [] : [id]));
  return rows;
}

/** Whether enough is known: the limit is passed, and on each side that goes on two levels beyond that hold something. */
function tellsAll(reached: Reached[], sides: Side[], limit: number): boolean {
  const passed = reached[limit];
  if (!passed) return false;
  const beyond = new Set(reached.map(({ depth }) => depth).filter((depth) => Math.abs(depth) > Math.abs(passed.depth)));
  const levels = (sign: number) => [...beyond].filter((depth) => Math.sign(depth) === sign).length;
  return sides.every(({ frontier, direction }) => !frontier.length || levels(direction === "UPSTREAM" ? -1 : 1) >= 2);
}

/**
 * What a walk reaches and shows, level by level with the visited sets here: Grafeo enumerates paths for anything but plain reachability, and
 * a running statement can't be cancelled. Joins at granularities other than EXECUTION want the whole of it; otherwise it ends when the limit is passed.
 */
export async function explore(read: Read, roots: string[], bounds: WalkBounds): Promise<Reached[]> {
  const { showIf, params, shown, asOf = null } = bounds;
  const known = new Set<string>();
  const reached: Reached[] = [];
  const add = (rows: Row[], depth: number, kept: { has(id: string): boolean }): void => {
    for (const row of rows) {
      if (known.has(row.id)) continue;
      known.add(row.id);
      const key = shown === "ARTIFACT" ? (row.artifactKey ?? row.id) : row.id;
      if (kept.has(row.id)) reached.push({ ...row, key, depth });
    }
  };
  const start = await read(rootRows, { ids: roots });
  add(start, 0, { has: () => true });
  const sides = sidesOf(bounds, start);
  for (let depth = 1; depth <= bounds.depth && sides.some(({ frontier }) => frontier.length); depth++) {
    if (shown === "EXECUTION" && tellsAll(reached, sides, bounds.limit)) break;
    for (const side of sides) {
      const rows = [...(await hop(read, side, bounds)), ...(await hop(read, side, bounds))];
      const kept = showIf === null ? { has: () => true } : await fitting(read, showIf, { ...params, asOf }, rows);
      add(rows, side.direction === "UPSTREAM" ? -depth : depth, kept);
    }
  }
  return reached;
}
