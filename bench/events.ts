import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ask } from "./client.ts";
import { readCpuTime } from "./cpu.ts";
import { type Engine, forEachEngine } from "./engines.ts";
import { median, runConcurrently } from "./measure.ts";
import { readMemory } from "./memory.ts";
import { startServiceProcess } from "./service-process.ts";
import type { Order, Reply } from "./subscribers.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const subscribers = 1_000;
/** Writers at once, and the artifacts that they write to in turn; milliseconds of writing a turn, and how many turns with and without subscribers. */
const writeLoad = { atOnce: 16, artifacts: 50, turnMs: 2_000, turns: 4, warmUp: 1 };
/** Versions logged one by one at a steady pace, to see how soon they are told. */
const steadyPace = { versions: 200, everyMs: 50 };

function artifact(i: number): string {
  return `model-${i % writeLoad.artifacts}`;
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
interface Setup {
  url: string;
  child: ChildProcess;
  crowd: ReturnType<typeof startSubscribers>;
  project: string;
}

function log({ url, project }: Setup, i: number) {
  return ask(url, logVersion, { input: { project, name: artifact(i) } });
}

/** Logs so many versions; gives how many that were a second. */
async function writeRate(stage: Setup, versions: number): Promise<number> {
  const start = performance.now();
  await runConcurrently(versions, writeLoad.atOnce, (i) => log(stage, i));
  return (versions * 1_000) / (performance.now() - start);
}

/** How many versions a turn takes, as many of each artifact. */
async function chooseRoundSize(stage: Setup): Promise<number> {
  await writeRate(stage, 4 * writeLoad.artifacts);
  const rate = await writeRate(stage, 4 * writeLoad.artifacts);
  return Math.ceil((rate * writeLoad.turnMs) / 1_000 / writeLoad.artifacts) * writeLoad.artifacts;
}

/** All subscribe: to everything, or each to one artifact. Resolves once each was told of a first version. */
async function subscribe(stage: Setup, each: boolean): Promise<void> {
  const { url, project } = stage;
  const { head } = await ask<{ head: string }>(url, "{ head }", {});
  const artifacts = each ? Array.from({ length: subscribers }, (_, i) => artifact(i)) : null;
  await stage.crowd.order({ do: "open", url, project, after: head, count: subscribers, artifacts });
  await runConcurrently(each ? writeLoad.artifacts : 1, writeLoad.atOnce, (i) => log(stage, i));
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
async function measureCpu(stage: Setup, versions: number, work: () => Promise<unknown>): Promise<number[]> {
  const read = () => Promise.all([stage.child.pid ?? 0, stage.crowd.pid, process.pid].map(readCpuTime));
  const before = await read();
  await work();
  const after = await read();
  return after.map((time, i) => (((time ?? Number.NaN) - (before[i] ?? Number.NaN)) * 1_000) / versions);
}

function formatCpu(list: number[][]): string {
  const [service = [], crowd = [], writers = []] = [0, 1, 2].map((i) => list.map((one) => one[i] ?? Number.NaN));
  const [a, b, c] = [service, crowd, writers].map((times) => Math.round(median(times)));
  return `service ${a}, subscribers ${b}, writers ${c}`;
}

async function compareRates(stage: Setup, versions: number, each: boolean): Promise<void> {
  const rates: Record<"with" | "without", number[]> = { with: [], without: [] };
  const cpu: Record<"with" | "without", number[][]> = { with: [], without: [] };
  const lags: number[] = [];
  for (let turn = 0; turn < writeLoad.warmUp + writeLoad.turns; turn++) {
    let [without, heard, lag] = [0, 0, 0];
    const cpuWithout = await measureCpu(stage, versions, async () => {
      without = await writeRate(stage, versions);
    });
    await subscribe(stage, each);
    const cpuWith = await measureCpu(stage, versions, async () => {
      heard = await writeRate(stage, versions);
      const start = performance.now();
      await stage.crowd.order({ do: "receive", count: each ? versions / writeLoad.artifacts : versions });
      lag = performance.now() - start;
    });
    await stage.crowd.order({ do: "close" });
    if (turn < writeLoad.warmUp) continue;
    rates.with.push(heard);
    rates.without.push(without);
    cpu.with.push(cpuWith);
    cpu.without.push(cpuWithout);
    lags.push(lag);
  }
  const [alone, followed] = [median(rates.without), median(rates.with)];
  console.log(
    `  ${each ? `each follows one artifact of ${writeLoad.artifacts}` : "all follow everything"}: ${Math.round(followed)} versions/s with subscribers, ${Math.round(alone)} without, ratio ${(followed / alone).toFixed(2)} (goal at least 0.8); all were told all ${Math.round(median(lags))} ms after the last was logged`,
  );
  console.log(
    `    CPU for a version, in microseconds: ${formatCpu(cpu.with)}; without subscribers ${formatCpu(cpu.without)}`,
  );
}

/** How soon versions are told that are logged at a steady pace, and what subscribers weigh. */
async function measureDelays(stage: Setup): Promise<void> {
  const before = await readMemory(stage.child.pid ?? 0);
  await subscribe(stage, false);
  const after = await readMemory(stage.child.pid ?? 0);
  for (let i = 0; i < steadyPace.versions; i++) await Promise.all([log(stage, i), delay(steadyPace.everyMs)]);
  const counts = await stage.crowd.order({ do: "receive", count: steadyPace.versions });
  await stage.crowd.order({ do: "close" });
  const weight = ((after - before) * 1_024) / subscribers;
  console.log(
    `  ${1_000 / steadyPace.everyMs} versions/s: from commit to receipt p50 ${percentile(counts, 0.5)} ms, p99 ${percentile(counts, 0.99)} ms; ${weight.toFixed(0)} KB a subscriber`,
  );
}

async function measureEngine(engine: Engine): Promise<void> {
  const { url, child } = await startServiceProcess(engine.env);
  const stage = { url, child, crowd: startSubscribers(), project: `events-${randomBytes(6).toString("hex")}` };
  console.log(`${engine.name}: ${subscribers} subscribers, each on a connection of its own`);
  try {
    const versions = await chooseRoundSize(stage);
    await measureDelays(stage);
    await compareRates(stage, versions, false);
    await compareRates(stage, versions, true);
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
export function benchEvents(): Promise<void> {
  return forEachEngine(measureEngine);
}
