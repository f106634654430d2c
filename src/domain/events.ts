import { Event, type EventType } from "../model/event.ts";
import { statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";
import { invalid } from "./errors.ts";
import type { EventTail } from "./event-tail.ts";

/** Properties of an event. */
export interface EventRow {
  seq: number;
  type: EventType;
  at: number;
  actor: string;
  project: string;
  artifactKey?: string | null;
  kind?: string | null;
  tags?: string[] | null;
  version?: string | null;
  previous?: string | null;
  run?: string | null;
  step?: string | null;
  alias?: string | null;
  /** What wrote it, and its place among the events of that write. */
  operation?: string | null;
  position?: number | null;
  stage?: string | null;
  promotion?: string | null;
}

const eventsAfter = statement<{ after: number; limit: number }, { event: EventRow }>("events-after");
const logHead = statement<Record<never, never>, { seq: number }>("log-head");

const batch = 1_000;
/** The cursor of a reader who has seen this far. */
export const cursorOf = (seq: number): string => Buffer.from(`seq:${seq}`).toString("base64url");

/** The place in the log that a cursor stands for; `INVALID_INPUT` when it is none. */
const parseCursor = (cursor: string): number => {
  const seq = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (seq === undefined) throw invalid("after", "not a cursor of the event log: use that of an event");
  return Number(seq);
};

/** The event of a row. */
export const toEvent = (row: EventRow): Event =>
  Object.assign(new Event(), {
    ...row,
    cursor: cursorOf(row.seq),
    alias: row.alias ?? null,
    stage: row.stage ?? null,
    promotionId: row.promotion ?? null,
    projectName: row.project,
    artifactKey: row.artifactKey ?? null,
    kind: row.kind ?? null,
    tags: row.tags ?? [],
    versionId: row.version ?? null,
    previousId: row.previous ?? null,
    runId: row.run ?? null,
    stepId: row.step ?? null,
  });

/** The next events of the log after `after`, in order; none when these numbers aren't given yet, or not kept any more. */
export const readEvents = async (deps: Pick<Deps, "graph">, after: number, limit: number): Promise<EventRow[]> =>
  (await deps.graph.read(eventsAfter, { after, limit })).map(({ event }) => event);

/** Where the log ends now. */
const headOf = async ({ graph }: Pick<Deps, "graph">): Promise<number> => (await graph.read(logHead, {}))[0]?.seq ?? 0;

/** The place in the log that a reader's cursor stands for, null for none; one beyond the log's end is of another log (`INVALID_INPUT`). */
export const readerPlace = async (
  deps: Pick<Deps, "graph">,
  cursor: string | null | undefined,
): Promise<number | null> => {
  if (cursor === null || cursor === undefined) return null;
  const seq = parseCursor(cursor);
  if (seq > (await headOf(deps))) throw invalid("after", "beyond the end of the log: this cursor is of another one");
  return seq;
};

/** Resolves once something is new since `seen`, or the signal aborts. */
const news = (tail: EventTail, seen: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      forget();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const forget = tail.onNews(done);
    signal.addEventListener("abort", done);
    if (signal.aborted || tail.head() > seen) done();
  });

/**
 * The events after a place in the log, then those to come, until the signal aborts or the tail ends: in order, none twice, none left out.
 * `after` null begins at the log's end.
 */
export async function* followEvents(
  deps: Pick<Deps, "graph">,
  tail: EventTail,
  after: number | null,
  signal: AbortSignal,
): AsyncGenerator<Event> {
  const either = AbortSignal.any([signal, tail.ended]);
  let at = after ?? (await headOf(deps));
  while (!either.aborted) {
    const rows = await readEvents(deps, at, batch);
    for (const event of rows) {
      at = event.seq;
      yield toEvent(event);
    }
    if (!rows.length) await news(tail, at, either);
  }
}
