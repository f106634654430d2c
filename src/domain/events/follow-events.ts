import { setTimeout as pause } from "node:timers/promises";
import { closableIterator } from "../../lib/closable-iterator.ts";
import { yieldToEventLoop } from "../../lib/yield-to-event-loop.ts";
import type { Event } from "../../model/event.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import type { Ports } from "../core/context.ts";
import { readLog } from "./event-log.ts";
import type { EventTail } from "./event-tail.ts";
import { batchSize } from "./event-window.ts";

/** Milliseconds before what failed for want of the graph is tried again. */
const retryDelayMs = 500;

/** One reader of the log: `over` aborts when it has gone, or the tail ends. */
function openReader(ports: Ports, tail: EventTail) {
  const over = new AbortController();
  let wake: () => void = () => undefined;
  const ring = () => wake();
  const [leave, forget] = [tail.attend(), tail.onNews(ring)];
  const end = (): void => {
    if (over.signal.aborted) return;
    over.abort();
    tail.ended.removeEventListener("abort", end);
    forget();
    leave();
    ring();
  };
  tail.ended.addEventListener("abort", end);
  if (tail.ended.aborted) end();
  return {
    ports,
    tail,
    over: over.signal,
    end,
    /** Resolves once something is new since `seen`, or it is over. */
    news: (seen: number) =>
      new Promise<void>((resolve) => {
        wake = resolve;
        if (over.signal.aborted || tail.head() > seen) resolve();
      }),
  };
}
type Reader = ReturnType<typeof openReader>;

/** What comes after a place, from the log itself. */
async function fromLog({ ports, tail, news }: Reader, at: number): Promise<readonly Event[]> {
  const { events } = await readLog(ports, at, batchSize);
  tail.noticed(events);
  if (!events.length) await news(at);
  return events;
}

/** Does what needs the graph; null, after a while, when that can't be reached: readers outlast it. */
async function retryWhileUnavailable<T>({ over }: Reader, work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    await pause(retryDelayMs, undefined, { signal: over }).catch(() => undefined);
    return null;
  }
}

/** What comes after a place, at most a handful: from memory, else from the log. */
async function following(reader: Reader, at: number): Promise<readonly Event[]> {
  const seen = reader.tail.since(at);
  if (!seen) return fromLog(reader, at);
  if (!seen.length) await reader.news(at);
  return seen;
}

/** Those of some events that somebody wants. */
export type Select = (events: readonly Event[]) => Event[] | Promise<Event[]>;

/**
 * Of the events after a place in the log, then of those to come, those that are selected, some at once, until it is ended or the tail ends: in order,
 * none twice, none left out. Fails with `EXPIRED` when the reader is so slow that the next event is no longer kept. `onEnd` is called once, when it ends.
 */
export function followEvents(
  ports: Ports,
  tail: EventTail,
  after: number,
  select: Select,
  onEnd: () => void,
): AsyncGenerator<Event[], void> {
  const reader = openReader(ports, tail);
  let at = after;
  const next = async (): Promise<Event[] | null> => {
    while (!reader.over.aborted) {
      const events = await retryWhileUnavailable(reader, () => following(reader, at));
      if (!events?.length) continue;
      await yieldToEventLoop();
      const selected = await retryWhileUnavailable(reader, () => select(events));
      if (!selected) continue;
      at = events.at(-1)?.seq ?? at;
      if (selected.length) return selected;
    }
    return null;
  };
  return closableIterator(next, () => {
    reader.end();
    onEnd();
  });
}
