import { statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";

const unusedBlobs = statement<{ before: number; limit: number }, { id: string }>("unused-blobs");
const sweepBlobs = statement<{ ids: string[]; by: string; before: number; now: number }, { key: string }>(
  "sweep-blobs",
);

const batch = 100;

/**
 * Removes bytes that no version refers to and that nobody touched for `grace` milliseconds; says how many contents went. Each is marked
 * under its lock first and then removed from the store: logging a version takes the same lock, so a sweep never takes what is being logged.
 */
export const sweep = async (deps: Pick<Deps, "graph" | "blobs" | "newId" | "now">, grace: number): Promise<number> => {
  for (let swept = 0; ; ) {
    const before = deps.now() - grace;
    const ids = (await deps.graph.read(unusedBlobs, { before, limit: batch })).map((row) => row.id).sort();
    if (!ids.length) return swept;
    const params = { ids, by: deps.newId(), before, now: deps.now() };
    const marked = await deps.graph.write((tx) => tx.run(sweepBlobs, params));
    for (const { key } of marked) await deps.blobs.remove(key);
    if (!marked.length) return swept;
    swept += marked.length;
  }
};

/** Sweeps from time to time until the answer is called; `onError` hears of failures, and the next turn tries again. */
export const startSweeping = (deps: Deps, grace: number, onError: (error: unknown) => void): (() => Promise<void>) => {
  let running: Promise<unknown> = Promise.resolve();
  const every = Math.min(Math.max(grace / 10, 1_000), 3_600_000);
  const timer = setInterval(() => {
    running = running.then(() => sweep(deps, grace)).catch(onError);
  }, every);
  return async () => {
    clearInterval(timer);
    await running;
  };
};
