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

/** What the service runs for one version, and for one run. */
async function recordScripts(engine: Engine, project: string): Promise<{ benchLog: Script; publish: Script }> {
  const [logs, publications]: [Script[], Script[]] = [[], []];
  const graph = recordWrites(recordWrites(await engine.open(), "create-versions", logs), "create-run", publications);
  const service = await startService(readConfig({ ...engine.env, PORT: "0", LOG_LEVEL: "silent" }), { graph });
  await ask(service.url, logVersion, { input: createVersionInput(project, recordedName) });
  await ask(service.url, publishRun, { input: createRunInput(project, recordedName) });
  await service.close();
  const [log, publish] = [logs[0], publications[0]];
  if (!log || !publish) throw new Error("nothing was recorded: have the statements other names?");
  return { benchLog: log, publish };
}

function createName() {
  return `n-${randomBytes(6).toString("hex")}`;
}

/** How many calls a turn holds, so that one takes some tenths of a second. */
const loads = [
  { atOnce: 1, calls: 40, turns: 15 },
  { atOnce: 64, calls: 640, turns: 9 },
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
  const { benchLog: log, publish } = await recordScripts(engine, project);
  console.log(
    `neo4j: ${log.length} statements a version, ${publish.length} a run (${publish.map(({ name }) => name).join(", ")})`,
  );
  const driver = createBareDriver(engine.neo4j);
  const bare = (script: Script) => driver.prepareWrite(renewScript(script, recordedName, createName()));
  for (const { atOnce, calls, turns } of loads) {
    const works = {
      bare: () => {
        const all = Array.from({ length: calls }, () => bare(log));
        return () => runConcurrently(calls, atOnce, async (i) => all[i]?.());
      },
      service: () => () =>
        runConcurrently(calls, atOnce, () =>
          ask(url, logVersion, { input: createVersionInput(project, createName()) }),
        ),
    };
    report(`logVersion, ${atOnce} at once`, await measureInterleaved(works, turns, 3), calls);
  }
  const works = {
    bare: () => bare(publish),
    service: () => () => ask(url, publishRun, { input: createRunInput(project, createName()) }),
  };
  report(`publishRun of ${versions} versions, in versions`, await measureInterleaved(works, 9, 2), versions);
  await driver.close();
}

/**
 * What the service costs beside the driver alone: versions logged by GraphQL, one at a time and 64, and whole runs, against the driver running the
 * very statements that the service runs for them. Each version is one of a new artifact, so that neither waits for a lock. With `BENCH_PROFILE`
 * set, the service writes a CPU profile into the folder it is run in.
 */
export function log(): Promise<void> {
  return forEachEngine(async (engine) => {
    if (!engine.neo4j) return;
    const { url, child } = await startServiceProcess(engine.env);
    await measure(engine, url, createName());
    child.kill("SIGTERM");
    await once(child, "exit");
  });
}
