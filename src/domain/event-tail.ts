import { setTimeout as pause } from "node:timers/promises";
import { statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";

const numberEvents = statement<{ by: string; limit: number }, { numbered: number; seq: number }>("number-events");
const expireOperations = statement<{ now: number; limit: number }, { forgotten: number }>("expire-operations");
const logHead = statement<Record<never, never>, { seq: number }>("log-head");

const batch = 1_000;
/**
 * How often the log is looked at for what other replicas wrote; how long numbers are gathered under load; every which look numbers what
 * a replica that died may have left, and forgets operations that expired. Milliseconds, and looks.
 */
const rhythm = { poll: 500, gather: 20, sweepEvery: 10, expireEvery: 100 };

/** The end of the event log as one replica sees it: it numbers what committed, and tells its readers what is new. */
export interface EventTail {
  /** Events of this process wait for numbers. */
  nudge(): void;
  /** The last number seen. */
  head(): number;
  /** Calls back whenever the log has grown; returns how to stop that. */
  onNews(callback: () => void): () => void;
  /** Aborts when the tail ends. */
  ended: AbortSignal;
  /** Ends the tail and waits for what it is doing. */
  close(): Promise<void>;
}

/** A bell that rings a sleeper awake. */
const createBell = () => {
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
};

/** Numbers all that is pending, in batches; says whether there was anything. */
const numberPending = async ({ graph }: Pick<Deps, "graph">, by: string): Promise<boolean> => {
  let any = false;
  for (let numbered = batch; numbered === batch; any ||= numbered > 0) {
    numbered = (await graph.write((tx) => tx.run(numberEvents, { by, limit: batch })))[0]?.numbered ?? 0;
  }
  return any;
};

/** Forgets operations that nobody can still retry, batch by batch. */
const forgetExpired = async ({ graph, now }: Pick<Deps, "graph" | "now">): Promise<void> => {
  for (let forgotten = batch; forgotten === batch; ) {
    forgotten = (await graph.write((tx) => tx.run(expireOperations, { now: now(), limit: batch })))[0]?.forgotten ?? 0;
  }
};

/** Starts following the end of the log. `onError` hears of failures; the tail goes on after them. */
export const startEventTail = (
  deps: Pick<Deps, "graph" | "newId" | "now">,
  onError: (error: unknown) => void,
): EventTail => {
  const stopped = new AbortController();
  const listeners = new Set<() => void>();
  const bell = createBell();
  const by = deps.newId();
  let nudged = true;
  let head = 0;

  const look = async (turn: number): Promise<void> => {
    if (turn % rhythm.expireEvery === 0) await forgetExpired(deps);
    const due = nudged || turn % rhythm.sweepEvery === 0;
    nudged = false;
    if (due) await numberPending(deps, by);
    const seq = (await deps.graph.read(logHead, {}))[0]?.seq ?? 0;
    if (seq <= head) return;
    head = seq;
    for (const listener of [...listeners]) listener();
  };
  const follow = async (): Promise<void> => {
    for (let turn = 0; !stopped.signal.aborted; turn++) {
      await look(turn).catch(async (error: unknown) => {
        nudged = true;
        onError(error);
        await bell.sleep(rhythm.poll);
      });
      await (nudged ? pause(rhythm.gather) : bell.sleep(rhythm.poll));
    }
  };
  const running = follow();

  return {
    nudge: () => {
      nudged = true;
      bell.ring();
    },
    head: () => head,
    onNews: (callback) => {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
    ended: stopped.signal,
    close: async () => {
      stopped.abort();
      bell.ring();
      await running;
    },
  };
};
