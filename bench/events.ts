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
const subscriberCount = 1_000;
/** Concurrent writers, the artifacts that they write to in rotation, the duration of a round, and the number of rounds. */
const writeLoad = { concurrency: 16, artifacts: 50, roundMs: 2_000, rounds: 4, warmUpRounds: 1 };
/** Versions logged one by one at a steady pace, to measure the latency of their events. */
const steadyPace = { versions: 200, everyMs: 50 };

function artifactName(i: number): string {
  return `model-${i % writeLoad.artifacts}`;
}

/** Starts a process that holds all subscribers. */
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

/** A service that is written to, and its subscribers. */
interface Setup {
  url: string;
  child: ChildProcess;
  subscribers: ReturnType<typeof startSubscribers>;
  project: string;
}

function log({ url, project }: Setup, i: number) {
  return ask(url, logVersion, { input: { project, name: artifactName(i) } });
}

/** Logs this many versions; resolves with the rate per second. */
async function measureWriteRate(setup: Setup, versions: number): Promise<number> {
  const start = performance.now();
  await runConcurrently(versions, writeLoad.concurrency, (i) => log(setup, i));
  return (versions * 1_000) / (performance.now() - start);
}

/** The number of versions in a round, the same number for each artifact. */
async function chooseRoundSize(setup: Setup): Promise<number> {
  await measureWriteRate(setup, 4 * writeLoad.artifacts);
  const rate = await measureWriteRate(setup, 4 * writeLoad.artifacts);
  return Math.ceil((rate * writeLoad.roundMs) / 1_000 / writeLoad.artifacts) * writeLoad.artifacts;
}

/** Subscribes everyone, to all versions or each to one artifact. Resolves once each has received a first version. */
async function subscribe(setup: Setup, each: boolean): Promise<void> {
  const { url, project } = setup;
  const { head } = await ask<{ head: string }>(url, "{ head }", {});
  const artifacts = each ? Array.from({ length: subscriberCount }, (_, i) => artifactName(i)) : null;
  await setup.subscribers.order({ do: "open", url, project, after: head, count: subscriberCount, artifacts });
  await runConcurrently(each ? writeLoad.artifacts : 1, writeLoad.concurrency, (i) => log(setup, i));
  await setup.subscribers.order({ do: "receive", count: 1 });
}

/** The latency in milliseconds that this fraction of the events did not exceed. */
function percentile(counts: number[], fraction: number): number {
  let left = counts.reduce((sum, count) => sum + count, 0) * fraction;
  return counts.findIndex((count) => {
    left -= count;
    return left <= 0;
  });
}

/** Microseconds of CPU per version: of the service, the subscribers and the writers. */
async function measureCpu(setup: Setup, versions: number, work: () => Promise<unknown>): Promise<number[]> {
  const read = () => Promise.all([setup.child.pid ?? 0, setup.subscribers.pid, process.pid].map(readCpuTime));
  const before = await read();
  await work();
  const after = await read();
  return after.map((time, i) => (((time ?? Number.NaN) - (before[i] ?? Number.NaN)) * 1_000) / versions);
}

function formatCpu(list: number[][]): string {
  const [service = [], subscribers = [], writers = []] = [0, 1, 2].map((i) => list.map((one) => one[i] ?? Number.NaN));
  const [a, b, c] = [service, subscribers, writers].map((times) => Math.round(median(times)));
  return `service ${a}, subscribers ${b}, writers ${c}`;
}

async function compareRates(setup: Setup, versions: number, each: boolean): Promise<void> {
  const rates: Record<"with" | "without", number[]> = { with: [], without: [] };
  const cpu: Record<"with" | "without", number[][]> = { with: [], without: [] };
  const lags: number[] = [];
  for (let round = 0; round < writeLoad.warmUpRounds + writeLoad.rounds; round++) {
    let [without, withSubscribers, lag] = [0, 0, 0];
    const cpuWithout = await measureCpu(setup, versions, async () => {
      without = await measureWriteRate(setup, versions);
    });
    await subscribe(setup, each);
    const cpuWith = await measureCpu(setup, versions, async () => {
      withSubscribers = await measureWriteRate(setup, versions);
      const start = performance.now();
      await setup.subscribers.order({ do: "receive", count: each ? versions / writeLoad.artifacts : versions });
      lag = performance.now() - start;
    });
    await setup.subscribers.order({ do: "close" });
    if (round < writeLoad.warmUpRounds) continue;
    rates.with.push(withSubscribers);
    rates.without.push(without);
    cpu.with.push(cpuWith);
    cpu.without.push(cpuWithout);
    lags.push(lag);
  }
  const [alone, followed] = [median(rates.without), median(rates.with)];
  console.log(
    `  ${each ? `each subscribes to one artifact of ${writeLoad.artifacts}` : "all subscribe to everything"}: ${Math.round(followed)} versions/s with subscribers, ${Math.round(alone)} without, ratio ${(followed / alone).toFixed(2)} (goal at least 0.8); all had received everything ${Math.round(median(lags))} ms after the last version was logged`,
  );
  console.log(
    `    CPU per version in microseconds: ${formatCpu(cpu.with)}; without subscribers ${formatCpu(cpu.without)}`,
  );
}

/** The latency of events at a steady pace, and the memory of a subscriber. */
async function measureDelays(setup: Setup): Promise<void> {
  const before = await readMemory(setup.child.pid ?? 0);
  await subscribe(setup, false);
  const after = await readMemory(setup.child.pid ?? 0);
  for (let i = 0; i < steadyPace.versions; i++) await Promise.all([log(setup, i), delay(steadyPace.everyMs)]);
  const counts = await setup.subscribers.order({ do: "receive", count: steadyPace.versions });
  await setup.subscribers.order({ do: "close" });
  const kilobytes = ((after - before) * 1_024) / subscriberCount;
  console.log(
    `  ${1_000 / steadyPace.everyMs} versions/s: from commit to receipt p50 ${percentile(counts, 0.5)} ms, p99 ${percentile(counts, 0.99)} ms; ${kilobytes.toFixed(0)} KB per subscriber`,
  );
}

async function measureEngine(engine: Engine): Promise<void> {
  const { url, child } = await startServiceProcess(engine.env);
  const project = `events-${randomBytes(6).toString("hex")}`;
  const setup = { url, child, subscribers: startSubscribers(), project };
  console.log(`${engine.name}: ${subscriberCount} subscribers, each with its own connection`);
  try {
    const versions = await chooseRoundSize(setup);
    await measureDelays(setup);
    await compareRates(setup, versions, false);
    await compareRates(setup, versions, true);
  } finally {
    setup.subscribers.end();
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

/**
 * The cost of connected subscribers while versions are logged by GraphQL: latency, memory, and how much slower writers get. Fails unless each subscriber
 * receives each version once and in order. "Commit" is the version's own time, shortly before its commit. With `BENCH_PROFILE` set, the service writes
 * a CPU profile to the working directory.
 */
export function benchEvents(): Promise<void> {
  return forEachEngine(measureEngine);
}
