import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { readConfig } from "../src/config.ts";
import { startService } from "../src/service.ts";
import { startApart } from "./apart.ts";
import { ask } from "./client.ts";
import { type Engine, onEachEngine } from "./engines.ts";
import { crowd, interleaved } from "./measure.ts";
import { bareDriver, recording, renewed, type Script } from "./replay.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id number } } }";
const publishRun = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
const recorded = "recorded-name";
const versions = 1_000;

function version(project: string, name: string) {
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

function run(project: string, name: string) {
  return {
    project,
    pipeline: name,
    steps: Array.from({ length: versions / 10 }, (_, i) => ({
      name: `s${i}`,
      outputs: Array.from({ length: 10 }, (_, k) => ({ ...version(project, `${name}-${i}-${k}`), project: undefined })),
    })),
  };
}

/** What the service runs for one version, and for one run. */
async function scriptsOf(engine: Engine, project: string): Promise<{ log: Script; publish: Script }> {
  const [logs, publications]: [Script[], Script[]] = [[], []];
  const graph = recording(recording(await engine.open(), "create-versions", logs), "create-run", publications);
  const service = await startService(readConfig({ ...engine.env, PORT: "0", LOG_LEVEL: "silent" }), { graph });
  await ask(service.url, logVersion, { input: version(project, recorded) });
  await ask(service.url, publishRun, { input: run(project, recorded) });
  await service.close();
  const [log, publish] = [logs[0], publications[0]];
  if (!log || !publish) throw new Error("nothing was recorded: have the statements other names?");
  return { log, publish };
}

function freshName() {
  return `n-${randomBytes(6).toString("hex")}`;
}

/** How many calls a turn holds, so that one takes some tenths of a second. */
const load = [
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
  const { log, publish } = await scriptsOf(engine, project);
  console.log(
    `neo4j: ${log.length} statements a version, ${publish.length} a run (${publish.map(({ name }) => name).join(", ")})`,
  );
  const driver = bareDriver(engine.neo4j);
  const bare = (script: Script) => driver.ready(renewed(script, recorded, freshName()));
  for (const { atOnce, calls, turns } of load) {
    const works = {
      bare: () => {
        const all = Array.from({ length: calls }, () => bare(log));
        return () => crowd(calls, atOnce, async (i) => all[i]?.());
      },
      service: () => () => crowd(calls, atOnce, () => ask(url, logVersion, { input: version(project, freshName()) })),
    };
    report(`logVersion, ${atOnce} at once`, await interleaved(works, turns, 3), calls);
  }
  const works = {
    bare: () => bare(publish),
    service: () => () => ask(url, publishRun, { input: run(project, freshName()) }),
  };
  report(`publishRun of ${versions} versions, in versions`, await interleaved(works, 9, 2), versions);
  await driver.close();
}

/**
 * What the service costs beside the driver alone: versions logged by GraphQL, one at a time and 64, and whole runs, against the driver running the
 * very statements that the service runs for them. Each version is one of a new artifact, so that neither waits for a lock. With `BENCH_PROFILE`
 * set, the service writes a CPU profile into the folder it is run in.
 */
export function log(): Promise<void> {
  return onEachEngine(async (engine) => {
    if (!engine.neo4j) return;
    const { url, child } = await startApart(engine.env);
    await measure(engine, url, freshName());
    child.kill("SIGTERM");
    await once(child, "exit");
  });
}
