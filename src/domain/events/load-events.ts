import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import { Event } from "../../model/event.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError, invalid } from "../core/errors.ts";
import type { FieldsOf } from "../core/row-values.ts";
import { type EventRow, eventRow } from "./event-row.ts";

const eventsAfter = statement({
  name: "read-events",
  params: { after: v.number(), limit: v.number() },
  row: { events: v.array(eventRow), first: v.number(), last: v.number() },
});

const prefix = "seq:";

/** The cursor of a reader that has seen the log up to this number. */
export function toCursor(seq: number): string {
  return Buffer.from(`${prefix}${seq}`).toString("base64url");
}

/** The number that a cursor stands for; `INVALID_INPUT` when it is not a cursor of an event log. */
function parseCursor(cursor: string): number {
  const seq = Number(/^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1] ?? Number.NaN);
  if (cursor !== toCursor(seq))
    throw invalid("after", "not a cursor of the event log; use the `cursor` of an event, or `head`");
  return seq;
}

/** The event that a row holds. */
export function toEvent(row: EventRow): Event {
  const { seq, type, at, actor, alias, stage, warning, artifactKey, kind, number } = row;
  const fields: FieldsOf<Event> = {
    cursor: toCursor(seq),
    ...{ seq, type, at, actor, alias, stage, warning, artifactKey, kind, number },
    projectName: row.project,
    tags: row.tags ?? [],
    stageChange: row.rules === null ? null : { at, actor, ...JSON.parse(row.rules) },
    versionId: row.version,
    previousId: row.previous,
    runId: row.run,
    stepId: row.step,
    promotionId: row.promotion,
  };
  return Object.assign(new Event(), fields);
}

function expired(first: number): DomainError<"EXPIRED"> {
  const message = `after: this cursor is older than the log, which begins at event ${first}; read the current state and follow it from \`head\``;
  return new DomainError("EXPIRED", message, {});
}

/**
 * The rows of the next `limit` numbers after `after` that are still kept, without a gap; `first` and `last` are the oldest number that is kept and the
 * newest number given, 0 for an empty log.
 */
export async function loadEventRows(
  { graph }: Pick<Ports, "graph">,
  after: number,
  limit: number,
): Promise<{ rows: EventRow[]; first: number; last: number }> {
  const [part] = await graph.read(eventsAfter, { after, limit });
  if (!part) return { rows: [], first: 1, last: 0 };
  const { first, last } = part;
  const sorted = part.events.sort((a, b) => a.seq - b.seq);
  const next = Math.max(after + 1, first);
  // Events that are numbered during this read may appear in part: only those without a gap are taken.
  const gap = sorted.findIndex((row, i) => row.seq !== next + i);
  return { rows: gap < 0 ? sorted : sorted.slice(0, gap), first, last };
}

/** At most `limit` events after a number, without a gap; `EXPIRED` when the next one is no longer kept. */
export async function loadEvents(ports: Pick<Ports, "graph">, after: number, limit: number): Promise<Event[]> {
  const { rows, first } = await loadEventRows(ports, after, limit);
  if (after + 1 < first) throw expired(first);
  return rows.map(toEvent);
}

/** The newest number of the log, 0 when it is empty. */
export async function findLogEnd(ports: Pick<Ports, "graph">): Promise<number> {
  return (await loadEventRows(ports, Number.MAX_SAFE_INTEGER - 1, 0)).last;
}

/** The number that a client's cursor stands for, null without a cursor. `INVALID_INPUT` when the cursor is not of this log, `EXPIRED` when it is older. */
export async function resolveCursor(
  ports: Pick<Ports, "graph">,
  cursor: string | null | undefined,
): Promise<number | null> {
  if (!isGiven(cursor)) return null;
  const seq = parseCursor(cursor);
  const { first, last } = await loadEventRows(ports, seq, 0);
  if (seq + 1 < first) throw expired(first);
  if (seq > last) throw invalid("after", "beyond the end of the log; this cursor belongs to another log");
  return seq;
}
