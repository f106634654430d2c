import { setTimeout as pause } from "node:timers/promises";
import type { Event } from "../../model/event.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { breathe } from "../breathe.ts";
import type { Deps } from "../deps.ts";
import { readLog } from "./event-log.ts";
import type { EventTail } from "./event-tail.ts";

/** Events that one look takes, how many of them a reader is handed at once, and milliseconds before a read of the log that failed is tried again. */
const reading = { batch: 500, atOnce: 50, again: 500 };

/** One reader's wait for news. */
interface Watch {
  /** Resolves once something is new since `seen`, or the signal aborts. */
  news(seen: number): Promise<void>;
  end(): void;
}

const watch = (tail: EventTail, signal: AbortSignal): Watch => {
  let wake: () => void = () => undefined;
  const ring = () => wake();
  const forget = tail.onNews(ring);
  signal.addEventListener("abort", ring);
  return {
    news: (seen) =>
      new Promise((resolve) => {
        wake = resolve;
        if (signal.aborted || tail.head() > seen) resolve();
      }),
    end: () => {
      forget();
      signal.removeEventListener("abort", ring);
    },
  };
};

/** What comes after a place: from memory, else from the log. Nothing for a while when the graph can't be reached: readers outlast that. */
const following = async (
  deps: Pick<Deps, "graph">,
  tail: EventTail,
  at: number,
  { news }: Watch,
  signal: AbortSignal,
): Promise<readonly Event[]> => {
  const seen = tail.since(at, reading.batch);
  if (seen?.length) return seen;
  if (seen) {
    await news(at);
    return [];
  }
  try {
    const { events } = await readLog(deps, at, reading.batch);
    tail.noticed(events);
    if (!events.length) await news(at);
    return events;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    await pause(reading.again, undefined, { signal }).catch(() => undefined);
    return [];
  }
};

/**
 * The events after a place in the log, then those to come, some at once, until the signal aborts or the tail ends: in order, none twice, none left out.
 * Rejects with `EXPIRED` when the reader is so slow that the next event is no longer kept.
 */
export async function* followEvents(
  deps: Pick<Deps, "graph">,
  tail: EventTail,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<readonly Event[], void> {
  const either = AbortSignal.any([signal, tail.ended]);
  const leave = tail.attend();
  const watching = watch(tail, either);
  try {
    for (let at = after; !either.aborted; ) {
      const events = await following(deps, tail, at, watching, either);
      for (let next = 0; next < events.length; next += reading.atOnce) {
        await breathe();
        if (either.aborted) return;
        yield events.slice(next, next + reading.atOnce);
      }
      at = events.at(-1)?.seq ?? at;
    }
  } finally {
    watching.end();
    leave();
  }
}
