import { setMaxListeners } from "node:events";
import { Unavailable } from "../../ports/unavailable.ts";
import type { EventLog, Ports } from "../core/context.ts";
import { createNumbering } from "./event-numbering.ts";
import { createEventWindow, type EventWindow } from "./event-window.ts";

/** Milliseconds between two polls for what other replicas wrote. */
const pollIntervalMs = 500;
/** Every so many polls, events are numbered even if this process wrote none: a replica that died may have left some. */
const pollsPerSweep = 10;

/** The end of the log, for those who follow it. */
export interface EventTail extends EventWindow {
  /** Counts a reader until the returned function is called. While there are readers, events are numbered after a short wait. */
  addReader(): () => void;
  /** The number of readers. */
  readers(): number;
  /** Aborts when the log is closed. */
  ended: AbortSignal;
}

/** The event log of one process: it numbers what has committed, and reads the newest events for those who follow. */
export interface LiveEventLog extends EventLog {
  tail: EventTail;
  /** Stops numbering and reading, and waits for what is in progress. */
  close(): Promise<void>;
}

/** A wait that can be cut short. */
function createSignal() {
  let wake: () => void = () => undefined;
  return {
    wake: () => wake(),
    wait: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

/** Polls, waits and polls again until the signal aborts. */
async function keepPolling(
  poll: (count: number) => Promise<void>,
  wait: () => Promise<void>,
  onFailure: (error: unknown) => Promise<void>,
  ended: AbortSignal,
): Promise<void> {
  for (let count = 0; !ended.aborted; count++) await poll(count).then(wait, onFailure);
}

/** Starts the event log over a graph. `onError` is called with each failure of its loop, which then tries again. */
export function createEventLog(ports: Pick<Ports, "graph" | "newId">, onError: (error: unknown) => void): LiveEventLog {
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal); // each reader adds a listener
  const { readNew, reset, ...window } = createEventWindow(ports);
  const [pending, urgent] = [createSignal(), createSignal()];
  let readers = 0;
  const wake = (isUrgent: boolean): void => {
    pending.wake();
    if (isUrgent) urgent.wake();
  };
  const numbering = createNumbering(ports, wake);
  const mustHurry = () => stopped.signal.aborted || numbering.isUrgent();

  const poll = async (count: number): Promise<void> => {
    if (numbering.isPending() || count % pollsPerSweep === 0) await numbering.run();
    await readNew(readers > 0);
  };
  const wait = async (): Promise<void> => {
    if (!numbering.isPending() && !mustHurry()) await pending.wait(pollIntervalMs);
    if (numbering.isPending() && !mustHurry()) await urgent.wait(numbering.delayMs(readers));
  };
  const onFailure = async (error: unknown): Promise<void> => {
    reset();
    onError(error);
    if (!mustHurry()) await urgent.wait(pollIntervalMs);
  };
  const running = keepPolling(poll, wait, onFailure, stopped.signal);
  const addReader = () => {
    readers += 1;
    return () => {
      readers -= 1;
    };
  };
  return {
    notify: numbering.notify,
    flush: numbering.flush,
    tail: { ...window, readers: () => readers, addReader, ended: stopped.signal },
    close: async () => {
      stopped.abort();
      wake(true);
      await running;
      numbering.abandon(new Unavailable("graph", new Error("the service is closing")));
    },
  };
}
