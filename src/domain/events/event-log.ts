import * as v from "valibot";
import { Event } from "../../model/event.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { type EventRow, eventRow } from "./event-row.ts";

/** A part of the log: its events without a gap, and the last number that the log has given. */
export interface LogPart {
  events: Event[];
  last: number;
}

const eventsAfter = statement({
  name: "read-events",
  params: { after: v.number(), limit: v.number() },
  row: { events: v.array(eventRow), first: v.number(), last: v.number() },
});

const prefix = "seq:";

/** What a reader gives as `after` who has seen the log up to this number. */
export function toCursor(seq: number): string {
  return Buffer.from(`${prefix}${seq}`).toString("base64url");
}

/** The place in the log that a cursor stands for; `INVALID_INPUT` when it is none. */
function parseCursor(cursor: string): number {
  const seq = Number(/^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1] ?? Number.NaN);
  if (cursor !== toCursor(seq))
    throw invalid("after", "not a cursor of the event log: use that of an event, or `head`");
  return seq;
}

/** The event that a row holds. */
export function toEvent(row: EventRow): Event {
  return Object.assign(new Event(), {
    ...row,
    cursor: toCursor(row.seq),
    alias: row.alias ?? null,
    stage: row.stage ?? null,
    promotionId: row.promotion ?? null,
    projectName: row.project,
    artifactKey: row.artifactKey ?? null,
    kind: row.kind ?? null,
    tags: row.tags ?? [],
    versionId: row.version ?? null,
    number: row.number ?? null,
    previousId: row.previous ?? null,
    runId: row.run ?? null,
    stepId: row.step ?? null,
  });
}

function expired(first: number): DomainError<"EXPIRED"> {
  const message = `after: the log goes back to event ${first} only, and this cursor is older: read anew what you follow`;
  return new DomainError("EXPIRED", message, {});
}

/** The rows after a place in the log, at most `limit` numbers on, without those that are no longer kept. */
export async function readRows(
  { graph }: Pick<Ports, "graph">,
  after: number,
  limit: number,
): Promise<{ rows: EventRow[]; first: number; last: number }> {
  const [part] = await graph.read(eventsAfter, { after, limit });
  if (!part) return { rows: [], first: 1, last: 0 };
  const { first, last } = part;
  const sorted = part.events.sort((a, b) => a.seq - b.seq);
  const next = Math.max(after + 1, first);
  // What is numbered beside this read may show in part: only what follows without a gap is taken.
  const gap = sorted.findIndex((row, i) => row.seq !== next + i);
  return { rows: gap < 0 ? sorted : sorted.slice(0, gap), first, last };
}

/** Reads on after a place in the log, at most `limit` events; `EXPIRED` when the next one is no longer kept. */
export async function readLog(ports: Pick<Ports, "graph">, after: number, limit: number): Promise<LogPart> {
  const { rows, first, last } = await readRows(ports, after, limit);
  if (after + 1 < first) throw expired(first);
  return { events: rows.map(toEvent), last };
}

/** The last number that the log has given, 0 where there is none. */
export async function logEnd(ports: Pick<Ports, "graph">): Promise<number> {
  return (await readLog(ports, Number.MAX_SAFE_INTEGER - 1, 0)).last;
}

/** The place in the log that a reader's cursor stands for, null for none; one beyond the log's end is of another log (`INVALID_INPUT`). */
export async function readerPlace(
  ports: Pick<Ports, "graph">,
  cursor: string | null | undefined,
): Promise<number | null> {
  if (cursor === null || cursor === undefined) return null;
  const seq = parseCursor(cursor);
  const { last } = await readLog(ports, seq, 0);
  if (seq > last) throw invalid("after", "beyond the end of the log: this cursor is of another one");
  return seq;
}
