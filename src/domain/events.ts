import { setTimeout as pause } from "node:timers/promises";
import { Event, type EventType } from "../model/event.ts";
import { statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";
import { invalid } from "./errors.ts";

interface EventRow {
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
}

const numberEvents = statement<{ by: string; limit: number }, { numbered: number; seq: number }>("number-events");
const eventsAfter = statement<{ after: number; limit: number }, { event: EventRow }>("events-after");
const logHead = statement<Record<never, never>, { seq: number }>("log-head");

const batch = 1_000;
/** How often the log is looked at for what other replicas wrote, and how long numbers are gathered under load. Milliseconds. */
const rhythm = { poll: 500, gather: 20 };

const cursorOf = (seq: number): string => Buffer.from(`seq:${seq}`).toString("base64url");

/** The place in the log that a cursor stands for; `INVALID_INPUT` when it is none. */
export const parseCursor = (cursor: string): number => {
  const seq = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, "base64url").toString())?.[1];
  if (seq === undefined) throw invalid("after", "not a cursor of the event log: use that of an event");
  return Number(seq);
};

const toEvent = (row: EventRow): Event =>
  Object.assign(new Event(), {
    ...row,
    cursor: cursorOf(row.seq),
    alias: row.alias ?? null,
    projectName: row.project,
    artifactKey: row.artifactKey ?? null,
    kind: row.kind ?? null,
    tags: row.tags ?? [],
    versionId: row.version ?? null,
    previousId: row.previous ?? null,
    runId: row.run ?? null,
    stepId: row.step ?? null,
  });

/** The event log of one replica: numbers what committed, tails what all replicas wrote, and wakes its readers. */
export interface EventLog {
  /** Events of this process wait for numbers. */
  nudge(): void;
  /** Events after a place, from the log, going on live until the signal aborts; from now on when `after` is null. */
  follow(after: number | null, signal: AbortSignal): AsyncGenerator<Event>;
  /** Ends the tail and waits for it. */
  close(): Promise<void>;
}

/** Starts the log. `onError` hears of failures; the log goes on after them. */
export const startEventLog = (deps: Pick<Deps, "graph" | "newId">, onError: (error: unknown) => void): EventLog => {
  const stopped = new AbortController();
  const readers = new Set<() => void>();
  const by = deps.newId();
  let nudged = true;
  let head: number | null = null;
  let wake: () => void = () => undefined;

  const number = async (): Promise<void> => {
    while (nudged) {
      nudged = false;
      const [done] = await deps.graph.write((tx) => tx.run(numberEvents, { by, limit: batch }));
      if (done && done.numbered > 0) nudged = true;
    }
  };
  const look = async (): Promise<void> => {
    const seq = (await deps.graph.read(logHead, {}))[0]?.seq ?? 0;
    if (seq === head) return;
    head = seq;
    for (const notify of readers) notify();
  };
  const idle = (): Promise<unknown> =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, rhythm.poll);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  const tail = async (): Promise<void> => {
    let sweeps = 0;
    while (!stopped.signal.aborted) {
      try {
        // Now and then without a nudge: a replica that died may have left events behind.
        if (sweeps++ % 10 === 0) nudged = true;
        await number();
        await look();
      } catch (error) {
        nudged = true;
        onError(error);
        await pause(rhythm.poll);
      }
      await (nudged ? pause(rhythm.gather) : idle());
    }
  };
  const running = tail();

  const headNow = async (): Promise<number> => (await deps.graph.read(logHead, {}))[0]?.seq ?? 0;

  async function* follow(after: number | null, signal: AbortSignal): AsyncGenerator<Event> {
    let changed: () => void = () => undefined;
    let news = true;
    const notify = () => {
      news = true;
      changed();
    };
    readers.add(notify);
    signal.addEventListener("abort", notify);
    stopped.signal.addEventListener("abort", notify);
    try {
      let at = after ?? (await headNow());
      while (!signal.aborted && !stopped.signal.aborted) {
        news = false;
        const rows = await deps.graph.read(eventsAfter, { after: at, limit: batch });
        for (const { event } of rows) {
          at = event.seq;
          yield toEvent(event);
        }
        if (rows.length === 0 && !news)
          await new Promise<void>((resolve) => {
            changed = resolve;
            if (news) resolve();
          });
      }
    } finally {
      readers.delete(notify);
      signal.removeEventListener("abort", notify);
      stopped.signal.removeEventListener("abort", notify);
    }
  }

  return {
    nudge: () => {
      nudged = true;
      wake();
    },
    follow,
    close: async () => {
      stopped.abort();
      wake();
      await running;
    },
  };
};
