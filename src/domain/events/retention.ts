import { checkIntervalMs, type Job, repeatWhileFull } from "../../lib/job.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";

const lockLog = statement<{ by: string; limit: number }, { first: number; events: { seq: number; at: number }[] }>(
  "lock-log",
);
const trimLog = statement<{ first: number; seqs: number[] }, never>("trim-log");

const batch = 1_000;

/** Forgets a batch of the oldest events under the log's lock; says how many. It stops at the first event that is young enough to stay, so that what is kept has no gap. */
function trimBatch({ graph, newId }: Pick<Ports, "graph" | "newId">, before: number): Promise<number> {
  return graph.write(async (tx) => {
    const [log] = await tx.run(lockLog, { by: newId(), limit: batch });
    if (!log) return 0;
    const events = log.events.sort((a, b) => a.seq - b.seq);
    const young = events.findIndex(({ at }) => at >= before);
    const seqs = events.slice(0, young < 0 ? events.length : young).map(({ seq }) => seq);
    if (seqs.length) tx.send(trimLog, { first: log.first + seqs.length, seqs });
    return seqs.length;
  });
}

/** Forgets events that are older than `retention` milliseconds, from the log's beginning, batch by batch; numbers go on as if they were there. */
export function trimEvents(
  ports: Pick<Ports, "graph" | "newId" | "now">,
  retention: number,
  signal?: AbortSignal,
): Promise<number> {
  const before = ports.now() - retention;
  return repeatWhileFull(batch, () => trimBatch(ports, before), signal);
}

/** The job that deletes events older than `retention` milliseconds. */
export function trimEventsJob(ports: Pick<Ports, "graph" | "newId" | "now">, retention: number): Job {
  return {
    name: "trim-events",
    everyMs: checkIntervalMs(retention),
    run: (signal) => trimEvents(ports, retention, signal),
  };
}
