import { setTimeout as pause } from "node:timers/promises";
import type { Event } from "../../model/event.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { breathe } from "../breathe.ts";
import type { Deps } from "../deps.ts";
import { endable } from "../endable.ts";
import { readLog } from "./event-log.ts";
import type { EventTail } from "./event-tail.ts";

/** Events that one read of the log takes, how many of them a reader is handed at once, and milliseconds before a read that failed is tried again. */
const reading = { batch: 500, atOnce: 50, again: 500 };

/** One reader of the log. */
interface Reader {
  deps: Pick<Deps, "graph">;
  tail: EventTail;
  /** Aborts when the reader has gone, or the tail ends: it is over then. */
  ended: AbortSignal;
  /** Resolves once something is new since `seen`, or it is over. */
  news(seen: number): Promise<void>;
}

const openReader = (deps: Pick<Deps, "graph">, tail: EventTail) => {
  const ended = new AbortController();
  let wake: () => void = () => undefined;
  const ring = () => wake();
  const [leave, forget] = [tail.attend(), tail.onNews(ring)];
  const reader = {
    deps,
    tail,
    ended: ended.signal,
    isOver: false,
    news: (seen: number) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        if (reader.isOver || tail.head() > seen) resolve();
      }),
    end: (): void => {
      if (reader.isOver) return;
      reader.isOver = true;
      tail.ended.removeEventListener("abort", reader.end);
      forget();
      leave();
      ended.abort();
      ring();
    },
  };
  tail.ended.addEventListener("abort", reader.end);
  if (tail.ended.aborted) reader.end();
  return reader;
};

/** What comes after a place, from the log itself. Nothing for a while when the graph can't be reached: readers outlast that. */
const fromLog = async ({ deps, tail, ended, news }: Reader, at: number): Promise<(readonly Event[])[]> => {
  try {
    const { events } = await readLog(deps, at, reading.batch);
    tail.noticed(events);
    if (!events.length) await news(at);
    const starts = Array.from({ length: Math.ceil(events.length / reading.atOnce) }, (_, i) => i * reading.atOnce);
    return starts.map((start) => events.slice(start, start + reading.atOnce));
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    await pause(reading.again, undefined, { signal: ended }).catch(() => undefined);
    return [];
  }
};

/** What comes after a place, in lists that are handed on at once: from memory, else from the log. */
const following = async (reader: Reader, at: number): Promise<(readonly Event[])[]> => {
  const seen = reader.tail.since(at);
  if (seen?.length) return [seen];
  if (!seen) return fromLog(reader, at);
  await reader.news(at);
  return [];
};

/** Those of some events that somebody wants. */
export type Select = (events: readonly Event[]) => Event[] | Promise<Event[]>;

/**
 * Of the events after a place in the log, then of those to come, those that are selected, some at once, until it is ended or the tail ends: in order,
 * none twice, none left out. Fails with `EXPIRED` when the reader is so slow that the next event is no longer kept.
 */
export const followEvents = (
  deps: Pick<Deps, "graph">,
  tail: EventTail,
  after: number,
  select: Select,
  onEnd: () => void,
): AsyncGenerator<Event[], void> => {
  const reader = openReader(deps, tail);
  let at = after;
  let waiting: (readonly Event[])[] = [];
  const next = async (): Promise<Event[] | null> => {
    while (!reader.isOver) {
      const events = waiting.shift();
      if (!events) {
        waiting = await following(reader, at);
        continue;
      }
      await breathe();
      const selected = await select(events);
      at = events.at(-1)?.seq ?? at;
      if (selected.length) return selected;
    }
    return null;
  };
  return endable(next, () => {
    reader.end();
    onEnd();
  });
};
