import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readConfig } from "../src/config.ts";
import { startService } from "../src/service.ts";
import { ask } from "./client.ts";
import { type Engine, forEachEngine } from "./engines.ts";
import { measureInterleaved, runConcurrently } from "./measure.ts";
import { createBareDriver, recordWrites, renewScript, type Script } from "./replay.ts";
import { startServiceProcess } from "./service-process.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id number } } }";
const publishRun = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
const recordedName = "recorded-name";
const versions = 1_000;

function createVersionInput(project: string, name: string) {
  return {
    project,
    name,
    kind: "MODEL",
    description: "a model like others",
    tags: ["nightly"],
    labels: [{ key: "team", value: "blue" }],
    metadata: { accuracy: 0.93, epochs: 12, data: { rows: 1_000, source: "somewhere" } },
  };
}

function createRunInput(project: string, name: string) {
  return {
    project,
    pipeline: name,
    steps: Array.from({ length: versions / 10 }, (_, i) => ({
      name: `s${i}`,
      outputs: Array.from({ length: 10 }, (_, k) => ({
        ...createVersionInput(project, `${name}-${i}-${k}`),
        project: undefined,
      })),
    })),
  };
}

/** The statements that the service runs for one version, and for one run. */
async function recordScripts(engine: Engine, project: string): Promise<{ log: Script; publish: Script }> {
  const [logs, publications]: [Script[], Script[]] = [[], []];
  const graph = recordWrites(recordWrites(await engine.open(), "create-versions", logs), "create-run", publications);
  const service = await startService(readConfig({ ...engine.env, PORT: "0", LOG_LEVEL: "silent" }), { graph });
  await ask(service.url, logVersion, { input: createVersionInput(project, recordedName) });
  await ask(service.url, publishRun, { input: createRunInput(project, recordedName) });
  await service.close();
  const [log, publish] = [logs[0], publications[0]];
  if (!log || !publish) throw new Error("no statements were recorded: were create-versions and create-run renamed?");
  return { log, publish };
}

function createName() {
  return `n-${randomBytes(6).toString("hex")}`;
}

/** The number of calls in a round, chosen so that a round takes some tenths of a second. */
const loads = [
  { concurrency: 1, calls: 40, rounds: 15 },
  { concurrency: 64, calls: 640, rounds: 9 },
];

function report(what: string, times: { bare: number; service: number }, count: number): void {
  const rate = (ms: number) => `${Math.round((count / ms) * 1_000)}/s`;
  const ratio = times.bare / times.service;
  console.log(
    `  ${what}: service ${rate(times.service)}, bare driver ${rate(times.bare)}, ratio ${ratio.toFixed(2)} (goal at least 0.8)`,
  );
}

async function measure(engine: Engine, url: string, project: string): Promise<void> {
  if (!engine.neo4j) return;
  const { log, publish } = await recordScripts(engine, project);
  console.log(
    `neo4j: ${log.length} statements per version, ${publish.length} per run (${publish.map(({ name }) => name).join(", ")})`,
  );
  const driver = createBareDriver(engine.neo4j);
  const bare = (script: Script) => driver.prepareWrite(renewScript(script, recordedName, createName()));
  for (const { concurrency, calls, rounds } of loads) {
    const candidates = {
      bare: () => {
        const all = Array.from({ length: calls }, () => bare(log));
        return () => runConcurrently(calls, concurrency, async (i) => all[i]?.());
      },
      service: () => () =>
        runConcurrently(calls, concurrency, () =>
          ask(url, logVersion, { input: createVersionInput(project, createName()) }),
        ),
    };
    report(`logVersion, ${concurrency} concurrently`, await measureInterleaved(candidates, rounds, 3), calls);
  }
  const candidates = {
    bare: () => bare(publish),
    service: () => () => ask(url, publishRun, { input: createRunInput(project, createName()) }),
  };
  report(
    `publishRun of ${versions} versions, counted in versions`,
    await measureInterleaved(candidates, 9, 2),
    versions,
  );
  await driver.close();
}

/**
 * Compares logging versions by GraphQL, one at a time and 64 concurrently, and publishing whole runs, with the bare driver running the same statements.
 * Each version belongs to a new artifact, so that neither waits for a lock. With `BENCH_PROFILE` set, the service writes a CPU profile to the working
 * directory.
 */
export function benchLog(): Promise<void> {
  return forEachEngine(async (engine) => {
    if (!engine.neo4j) return;
    const { url, child } = await startServiceProcess(engine.env);
    await measure(engine, url, createName());
    child.kill("SIGTERM");
    await once(child, "exit");
  });
}
