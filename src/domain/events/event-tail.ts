import { setMaxListeners } from "node:events";
import { Unavailable } from "../../ports/unavailable.ts";
import type { Ports } from "../core/context.ts";
import { createNumbering, type Numbering } from "./event-numbering.ts";
import { createEventWindow, type EventWindow } from "./event-window.ts";

/**
 * How often the log is looked at for what other replicas wrote (milliseconds); every which look numbers what a replica that died may have left.
 */
const rhythm = { poll: 500, sweepEvery: 10 };

/** The end of the event log as one replica sees it: it numbers what committed, and tells its readers what is new. */
export interface EventTail extends EventWindow, Pick<Numbering, "notify" | "flush"> {
  /** From now on somebody reads, until the answer is called: events don't gather long before they are numbered. */
  attend(): () => void;
  /** How many read. */
  readers(): number;
  /** Aborts when the tail ends. */
  ended: AbortSignal;
  /** Ends the tail and waits for what it is doing. */
  close(): Promise<void>;
}

/** A bell that rings a sleeper awake. */
function createSignal() {
  let wake: () => void = () => undefined;
  return {
    ring: () => wake(),
    sleep: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      }),
  };
}

/** Looks, rests and looks again until the signal aborts. */
async function keepLooking(
  look: (turn: number) => Promise<void>,
  rest: () => Promise<void>,
  onFailure: (error: unknown) => Promise<void>,
  ended: AbortSignal,
): Promise<void> {
  for (let turn = 0; !ended.aborted; turn++) await look(turn).then(rest, onFailure);
}

/** Starts following the end of the log. `onError` hears of failures; the tail goes on after them. */
export function startEventTail(
  ports: Pick<Ports, "graph" | "newId" | "now">,
  onError: (error: unknown) => void,
): EventTail {
  const stopped = new AbortController();
  setMaxListeners(0, stopped.signal); // every reader listens
  const window = createEventWindow(ports);
  const [bell, urgentBell] = [createSignal(), createSignal()];
  let readers = 0;
  const wake = (urgent: boolean): void => {
    bell.ring();
    if (urgent) urgentBell.ring();
  };
  const numbering = createNumbering(ports, wake);
  const hurried = () => stopped.signal.aborted || numbering.urgent();

  const look = async (turn: number): Promise<void> => {
    if (numbering.due() || turn % rhythm.sweepEvery === 0) await numbering.run();
    await window.catchUp(readers > 0);
  };
  const rest = async (): Promise<void> => {
    if (!numbering.due() && !hurried()) await bell.sleep(rhythm.poll);
    if (numbering.due() && !hurried()) await urgentBell.sleep(numbering.patience(readers));
  };
  const onFailure = async (error: unknown): Promise<void> => {
    window.forget();
    onError(error);
    if (!hurried()) await urgentBell.sleep(rhythm.poll);
  };
  const running = keepLooking(look, rest, onFailure, stopped.signal);

  return {
    ...window,
    notify: numbering.notify,
    flush: numbering.flush,
    readers: () => readers,
    attend: () => {
      readers += 1;
      return () => {
        readers -= 1;
      };
    },
    ended: stopped.signal,
    close: async () => {
      stopped.abort();
      wake(true);
      await running;
      numbering.abandon(new Unavailable("graph", new Error("the service ends")));
    },
  };
}
