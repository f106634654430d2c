import { repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { logEnd } from "./event-log.ts";

const numberEvents = statement<{ by: string; limit: number }, { numbered: number; seq: number }>("number-events");

const batch = 1_000;
/**
 * Milliseconds that events gather before they are numbered together: at least, and where nobody reads here. Between two numberings pass `perEvent` for
 * each event of the last one and, for each reader, `perReader` to wake it and `perTold` for each of those events that it is told: to wake a reader costs
 * nearly as much for one event as for many. `most` caps the two parts. Measured by `npm run bench -- events`.
 */
const gathering = {
  least: 5,
  unread: 200,
  perEvent: 2,
  perReader: 0.1,
  perTold: 0.002,
  most: { events: 100, readers: 300 },
};

/** Gives events their numbers. */
export interface Numbering {
  /** Events of this process wait for numbers. */
  notify(): void;
  /** Numbers what has committed by now; resolves with the log's end. */
  flush(): Promise<number>;
  /** Whether events wait, and whether somebody waits for that. */
  due(): boolean;
  urgent(): boolean;
  /** How long events may gather now, in milliseconds: the longer the more came last time, and the more are to be told. What comes after a while of silence doesn't wait. */
  patience(readers: number): number;
  /** Numbers all that is pending. */
  run(): Promise<void>;
  /** Lets those who still wait know that they wait in vain. */
  abandon(reason: unknown): void;
}

/** Numbers all that is pending, in batches; says how many. */
function numberPending({ graph }: Pick<Ports, "graph">, by: string): Promise<number> {
  return repeatWhileFull(batch, async () => {
    const [row] = await graph.write((tx) => tx.run(numberEvents, { by, limit: batch }));
    return row?.numbered ?? 0;
  });
}

/** The numbering of a process; `wake` is called when there is something to do, and whether it can't wait. */
export function createNumbering(ports: Pick<Ports, "graph" | "newId">, wake: (urgent: boolean) => void): Numbering {
  const by = ports.newId();
  let waiting: { resolve: (seq: number) => void; reject: (reason: unknown) => void }[] = [];
  let notified = true;
  let [last, ranAt] = [0, 0];

  return {
    notify: () => {
      if (notified) return;
      notified = true;
      wake(false);
    },
    flush: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        wake(true);
      }),
    due: () => notified || waiting.length > 0,
    urgent: () => waiting.length > 0,
    patience: (readers) => {
      if (!readers) return gathering.unread;
      const { least, perEvent, perReader, perTold, most } = gathering;
      const forReaders = Math.min(readers * (perReader + last * perTold), most.readers);
      const apart = Math.min(last * perEvent, most.events) + forReaders;
      return Math.max(least, ranAt + apart - performance.now());
    },
    run: async () => {
      const asked = waiting;
      waiting = [];
      notified = false;
      try {
        last = await numberPending(ports, by);
        ranAt = performance.now();
        const end = asked.length ? await logEnd(ports) : 0;
        for (const { resolve } of asked) resolve(end);
      } catch (error) {
        notified = true;
        for (const { reject } of asked) reject(error);
        throw error;
      }
    },
    abandon: (reason) => {
      for (const { reject } of waiting.splice(0)) reject(reason);
    },
  };
}
