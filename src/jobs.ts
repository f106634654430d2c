import type { Job } from "./lib/job.ts";

/** Jobs that are running. */
export interface RunningJobs {
  /** Aborts turns in progress; resolves once all work has ended. */
  stop(): Promise<void>;
}

/** Receives the outcome of each turn, for logs and metrics. */
export interface JobObserver {
  failed(job: string, error: unknown): void;
  finished(job: string): void;
}

function startJob(job: Job, signal: AbortSignal, observer: JobObserver): () => Promise<void> {
  let turn: Promise<void> | null = null;
  const startTurn = () => {
    if (signal.aborted) return;
    turn ??= job
      .run(signal)
      .then(
        () => observer.finished(job.name),
        (error: unknown) => observer.failed(job.name, error),
      )
      .finally(() => {
        turn = null;
      });
  };
  const timer = setInterval(startTurn, job.everyMs);
  const stopListening = job.onWake?.(startTurn);
  return async () => {
    clearInterval(timer);
    stopListening?.();
    await turn;
    await job.finish?.();
  };
}

/** Runs jobs until they are stopped, each on its own timer. */
export function startJobs(jobs: readonly Job[], observer: JobObserver): RunningJobs {
  const stopped = new AbortController();
  const stops = jobs.map((job) => startJob(job, stopped.signal, observer));
  return {
    async stop() {
      stopped.abort();
      await Promise.all(stops.map((stop) => stop()));
    },
  };
}
