import * as v from "valibot";
import { repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { findLogEnd } from "./load-events.ts";

const numberEvents = statement({
  name: "number-events",
  params: { by: v.string(), limit: v.number() },
  row: { numbered: v.number(), seq: v.number() },
});

/** Maximum events that one statement numbers. */
const batchSize = 1_000;
/**
 * Milliseconds for which events are collected before they are numbered together: `unread` without readers, else at least `min`. With readers, the time
 * between two numberings is `perEvent` for each event of the last one (at most `maxForEvents`), and for each reader `perReader` to wake it plus
 * `perDelivery` for each of those events (at most `maxForReaders`): waking a reader costs nearly as much for one event as for many. Measured with
 * `npm run bench -- events`.
 */
const delays = {
  min: 5,
  unread: 200,
  perEvent: 2,
  maxForEvents: 100,
  perReader: 0.1,
  perDelivery: 0.002,
  maxForReaders: 300,
};

/** Gives events their numbers, in the order in which they are read here. */
export interface Numbering {
  /** Called after each commit: events of this process are waiting for numbers. */
  notify(): void;
  /** Numbers every event that has committed by now; resolves with the last number of the log. */
  flush(): Promise<number>;
  /** Whether events are waiting for numbers. */
  isPending(): boolean;
  /** Whether a caller of `flush` is waiting. */
  isUrgent(): boolean;
  /** Milliseconds to wait before the next numbering: longer the more events came last time and the more readers there are, short after a quiet time. */
  delayMs(readers: number): number;
  /** Numbers everything that is pending. */
  run(): Promise<void>;
  /** Rejects the calls of `flush` that are still waiting. */
  abandon(reason: unknown): void;
}

/** Numbers everything that is pending, in batches; resolves with how many events that were. */
function numberPending({ graph }: Pick<Ports, "graph">, by: string): Promise<number> {
  return repeatWhileFull(batchSize, async () => {
    const [row] = await graph.write((tx) => tx.run(numberEvents, { by, limit: batchSize }));
    return row?.numbered ?? 0;
  });
}

function minIntervalMs(readers: number, events: number): number {
  const { perEvent, maxForEvents, perReader, perDelivery, maxForReaders } = delays;
  const forReaders = Math.min(readers * (perReader + events * perDelivery), maxForReaders);
  return Math.min(events * perEvent, maxForEvents) + forReaders;
}

/** The numbering of one process. `wake` is called when there is something to number, with whether a caller is waiting for it. */
export function createNumbering(ports: Pick<Ports, "graph" | "newId">, wake: (isUrgent: boolean) => void): Numbering {
  const by = ports.newId();
  let waiting: { resolve: (seq: number) => void; reject: (reason: unknown) => void }[] = [];
  let isNotified = true;
  let [lastCount, lastRanAt] = [0, 0];

  return {
    notify: () => {
      if (isNotified) return;
      isNotified = true;
      wake(false);
    },
    flush: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        wake(true);
      }),
    isPending: () => isNotified || waiting.length > 0,
    isUrgent: () => waiting.length > 0,
    delayMs: (readers) => {
      if (!readers) return delays.unread;
      return Math.max(delays.min, lastRanAt + minIntervalMs(readers, lastCount) - performance.now());
    },
    run: async () => {
      const callers = waiting;
      waiting = [];
      isNotified = false;
      try {
        lastCount = await numberPending(ports, by);
        lastRanAt = performance.now();
        const end = callers.length ? await findLogEnd(ports) : 0;
        for (const { resolve } of callers) resolve(end);
      } catch (error) {
        isNotified = true;
        for (const { reject } of callers) reject(error);
        throw error;
      }
    },
    abandon: (reason) => {
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
  };
}
