import { expect } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { PlainEvent, World } from "../oracle/state.ts";

type EventRow = {
  seq: number;
  type: string;
  project: string;
  version?: string;
  previous?: string;
  run?: string;
  step?: string;
  alias?: string;
};
function plainRow({ type, project, version, previous, run, step, alias }: EventRow) {
  return {
    type,
    project,
    version,
    previous,
    run,
    step,
    alias,
  };
}

function eventRow({ type, project, version, previous, execution, alias }: PlainEvent) {
  const run = execution?.run ?? execution;
  return {
    type,
    project,
    version: version?.id,
    previous: previous?.id,
    run: run?.id,
    step: execution?.run ? execution.id : undefined,
    alias,
  };
}

/** Where the event log ends now. */
export async function logEnd(store: GraphStore): Promise<number> {
  const end = { name: "log-end", text: "MATCH (log:Log {id: 'events'}) RETURN log.seq AS seq" };
  return (await store.read<Record<never, never>, { seq: number }>(end, {}))[0]?.seq ?? 0;
}

/** Compares the events that a history wrote with those of the model; `after` is where the log ended before. */
export async function inspectEvents(store: GraphStore, world: World, after: number): Promise<void> {
  const projects = [...world.projects.keys()];
  const pending = {
    name: "events-pending",
    text: "MATCH (e:Pending) WHERE e.project IN $projects RETURN count(e) AS count",
  };
  const waiting = async () =>
    (await store.read<{ projects: string[] }, { count: number }>(pending, { projects }))[0]?.count;
  await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
  const mine = {
    name: "events-of-projects",
    text: "MATCH (e:Event) WHERE e.seq > $after AND e.project IN $projects RETURN e {.*} AS event ORDER BY e.seq",
  };
  const found = await store.read<{ after: number; projects: string[] }, { event: EventRow }>(mine, { after, projects });
  const rows = found.map(({ event }) => event);
  const text = (row: object) => JSON.stringify(row, (_key, value) => value ?? undefined);
  expect(rows.map((row) => text(plainRow(row))).sort()).toEqual(
    world.events.map((event) => text(eventRow(event))).sort(),
  );
  const logged = rows.filter((row) => row.type === "VERSION_LOGGED").map((row) => row.version);
  for (const artifact of world.artifacts.values()) {
    const inOrder = artifact.versions.map(({ id }) => id);
    expect(logged.filter((id) => inOrder.includes(id ?? ""))).toEqual(inOrder);
  }
  const [first, last] = [rows[0]?.seq ?? 1, rows.at(-1)?.seq ?? 0];
  const between = {
    name: "events-between",
    text: "MATCH (e:Event) WHERE e.seq >= $first AND e.seq <= $last RETURN count(e) AS events, count(DISTINCT e.seq) AS numbers",
  };
  const [counted] = await store.read<{ first: number; last: number }, { events: number; numbers: number }>(between, {
    first,
    last,
  });
  expect(counted).toEqual({ events: last - first + 1, numbers: last - first + 1 });
}
