import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { startApart } from "./apart.ts";
import { ask } from "./client.ts";
import { cpuOf } from "./cpu.ts";
import { type Engine, onEachEngine } from "./engines.ts";
import { crowd, median } from "./measure.ts";
import { memoryOf } from "./memory.ts";
import type { Order, Reply } from "./subscribers.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const subscribers = 1_000;
/** Writers at once, and the artifacts that they write to in turn; milliseconds of writing a turn, and how many turns with and without subscribers. */
const load = { atOnce: 16, artifacts: 50, turnMs: 2_000, turns: 4, warmUp: 1 };
/** Versions logged one by one at a steady pace, to see how soon they are told. */
const steady = { versions: 200, everyMs: 50 };

function artifact(i: number): string {
  return `model-${i % load.artifacts}`;
}

/** The subscribers in a process of their own. */
function startSubscribers() {
  const child = fork(fileURLToPath(new URL("subscribers.ts", import.meta.url)), { execArgv: ["--import", "tsx"] });
  return {
    pid: child.pid ?? 0,
    order: async (order: Order): Promise<number[]> => {
      child.send(order);
      const [reply] = (await once(child, "message")) as [Reply];
      if ("failed" in reply) throw new Error(`the subscribers failed: ${reply.failed}`);
      return reply.counts ?? [];
    },
    end: () => child.disconnect(),
  };
}

/** A service that is written to, and those who follow it. */
interface Stage {
  url: string;
  child: ChildProcess;
  crowd: ReturnType<typeof startSubscribers>;
  project: string;
}

function log({ url, project }: Stage, i: number) {
  return ask(url, logVersion, { input: { project, name: artifact(i) } });
}

/** Logs so many versions; gives how many that were a second. */
async function writeRate(stage: Stage, versions: number): Promise<number> {
  const start = performance.now();
  await crowd(versions, load.atOnce, (i) => log(stage, i));
  return (versions * 1_000) / (performance.now() - start);
}

/** How many versions a turn takes, as many of each artifact. */
async function turnSize(stage: Stage): Promise<number> {
  await writeRate(stage, 4 * load.artifacts);
  const rate = await writeRate(stage, 4 * load.artifacts);
  return Math.ceil((rate * load.turnMs) / 1_000 / load.artifacts) * load.artifacts;
}

/** All subscribe: to everything, or each to one artifact. Resolves once each was told of a first version. */
async function subscribe(stage: Stage, each: boolean): Promise<void> {
  const { url, project } = stage;
  const { head } = await ask<{ head: string }>(url, "{ head }", {});
  const artifacts = each ? Array.from({ length: subscribers }, (_, i) => artifact(i)) : null;
  await stage.crowd.order({ do: "open", url, project, after: head, count: subscribers, artifacts });
  await crowd(each ? load.artifacts : 1, load.atOnce, (i) => log(stage, i));
  await stage.crowd.order({ do: "receive", count: 1 });
}

/** Below which so large a part of the counts lies, in milliseconds. */
function percentile(counts: number[], part: number): number {
  let left = counts.reduce((sum, count) => sum + count, 0) * part;
  return counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
}

/** Microseconds of CPU for each version: of the service, of the subscribers, and of those who write. */
async function cpuFor(stage: Stage, versions: number, work: () => Promise<unknown>): Promise<number[]> {
  const read = () => Promise.all([stage.child.pid ?? 0, stage.crowd.pid, process.pid].map(cpuOf));
  const before = await read();
  await work();
  const after = await read();
  return after.map((time, i) => (((time ?? Number.NaN) - (before[i] ?? Number.NaN)) * 1_000) / versions);
}

function shares(list: number[][]): string {
  const [service = [], crowd = [], writers = []] = [0, 1, 2].map((i) => list.map((one) => one[i] ?? Number.NaN));
  const [a, b, c] = [service, crowd, writers].map((times) => Math.round(median(times)));
  return `service ${a}, subscribers ${b}, writers ${c}`;
}

async function rateRatio(stage: Stage, versions: number, each: boolean): Promise<void> {
  const rates: Record<"with" | "without", number[]> = { with: [], without: [] };
  const cpu: Record<"with" | "without", number[][]> = { with: [], without: [] };
  const lags: number[] = [];
  for (let turn = 0; turn < load.warmUp + load.turns; turn++) {
    let [without, heard, lag] = [0, 0, 0];
    const cpuWithout = await cpuFor(stage, versions, async () => {
      without = await writeRate(stage, versions);
    });
    await subscribe(stage, each);
    const cpuWith = await cpuFor(stage, versions, async () => {
      heard = await writeRate(stage, versions);
      const start = performance.now();
      await stage.crowd.order({ do: "receive", count: each ? versions / load.artifacts : versions });
      lag = performance.now() - start;
    });
    await stage.crowd.order({ do: "close" });
    if (turn < load.warmUp) continue;
    rates.with.push(heard);
    rates.without.push(without);
    cpu.with.push(cpuWith);
    cpu.without.push(cpuWithout);
    lags.push(lag);
  }
  const [alone, followed] = [median(rates.without), median(rates.with)];
  console.log(
    `  ${each ? `each follows one artifact of ${load.artifacts}` : "all follow everything"}: ${Math.round(followed)} versions/s with subscribers, ${Math.round(alone)} without, ratio ${(followed / alone).toFixed(2)} (goal at least 0.8); all were told all ${Math.round(median(lags))} ms after the last was logged`,
  );
  console.log(
    `    CPU for a version, in microseconds: ${shares(cpu.with)}; without subscribers ${shares(cpu.without)}`,
  );
}

/** How soon versions are told that are logged at a steady pace, and what subscribers weigh. */
async function delays(stage: Stage): Promise<void> {
  const before = await memoryOf(stage.child.pid ?? 0);
  await subscribe(stage, false);
  const after = await memoryOf(stage.child.pid ?? 0);
  for (let i = 0; i < steady.versions; i++) await Promise.all([log(stage, i), delay(steady.everyMs)]);
  const counts = await stage.crowd.order({ do: "receive", count: steady.versions });
  await stage.crowd.order({ do: "close" });
  const weight = ((after - before) * 1_024) / subscribers;
  console.log(
    `  ${1_000 / steady.everyMs} versions/s: from commit to receipt p50 ${percentile(counts, 0.5)} ms, p99 ${percentile(counts, 0.99)} ms; ${weight.toFixed(0)} KB a subscriber`,
  );
}

async function measure(engine: Engine): Promise<void> {
  const { url, child } = await startApart(engine.env);
  const stage = { url, child, crowd: startSubscribers(), project: `events-${randomBytes(6).toString("hex")}` };
  console.log(`${engine.name}: ${subscribers} subscribers, each on a connection of its own`);
  try {
    const versions = await turnSize(stage);
    await delays(stage);
    await rateRatio(stage, versions, false);
    await rateRatio(stage, versions, true);
  } finally {
    stage.crowd.end();
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

/**
 * What subscribers cost who all stay connected while versions are logged by GraphQL: how soon they are told, what they weigh, and how much slower
 * the writers get. That each is told each version once and in order is checked, else this fails. "Commit" is the time that the version bears,
 * shortly before it commits. With `BENCH_PROFILE` set, the service writes a CPU profile into the folder it is run in.
 */
export function events(): Promise<void> {
  return onEachEngine(measure);
}
