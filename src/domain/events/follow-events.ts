import { setTimeout as pause } from "node:timers/promises";
import { closableIterator } from "../../lib/closable-iterator.ts";
import { yieldToEventLoop } from "../../lib/yield-to-event-loop.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import type { EventSelection, SelectEvents } from "./event-batch.ts";
import type { EventTail } from "./event-log.ts";

/** Milliseconds before something is tried again that failed because the graph was unavailable. */
const retryDelayMs = 500;

/** Registers a reader of the log; `ended` aborts when the reader has left or the log is closed. */
function openReader(tail: EventTail) {
  const ended = new AbortController();
  let resume: () => void = () => undefined;
  const wake = () => resume();
  const [removeReader, stopListening] = [tail.addReader(), tail.onNew(wake)];
  const end = (): void => {
    if (ended.signal.aborted) return;
    ended.abort();
    tail.ended.removeEventListener("abort", end);
    stopListening();
    removeReader();
    wake();
  };
  tail.ended.addEventListener("abort", end);
  if (tail.ended.aborted) end();
  return {
    ended: ended.signal,
    end,
    /** Resolves once there is an event after `seq`, or the reader has ended. */
    waitForNew: (seq: number) =>
      new Promise<void>((resolve) => {
        resume = resolve;
        if (ended.signal.aborted || tail.head() > seq) resolve();
      }),
  };
}

/** The result of `work`; null, after a pause, when the graph is unavailable: subscriptions continue once it is back. */
async function retryWhileUnavailable<T>(ended: AbortSignal, work: () => T | Promise<T>): Promise<T | null> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    await pause(retryDelayMs, undefined, { signal: ended }).catch(() => undefined);
    return null;
  }
}

/** Which events a reader gets; equal keys select the same events. */
export interface Selector {
  key: string;
  select: SelectEvents;
}

/**
 * The selected events after a number, then new ones as they are numbered, until the iterator or the log is closed: in order, each exactly once. Rejects
 * with `EXPIRED` when the reader is so slow that its next event is no longer kept. `onEnd` is called once, when it ends.
 */
export function followEvents(
  tail: EventTail,
  after: number,
  { key, select }: Selector,
  onEnd: () => void,
): AsyncGenerator<EventSelection, void> {
  const reader = openReader(tail);
  let seq = after;
  const next = async (): Promise<EventSelection | null> => {
    while (!reader.ended.aborted) {
      const batch = await retryWhileUnavailable(reader.ended, () => tail.batchAfter(seq));
      if (!batch) continue;
      const last = batch.events.at(-1);
      if (!last) {
        await reader.waitForNew(seq);
        continue;
      }
      await yieldToEventLoop();
      const selection = await retryWhileUnavailable(reader.ended, () => batch.select(key, select));
      if (!selection) continue;
      seq = last.seq;
      if (selection.events.length) return selection;
    }
    return null;
  };
  return closableIterator(next, () => {
    reader.end();
    onEnd();
  });
}
