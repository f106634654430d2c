import type { PedigreeClient } from "../src/client/client.ts";
import { type Parameters, type Step, steps } from "./pipeline.ts";
import { describeRun, describeStep, reader } from "./run.ts";
import { type Place, type Stored, store } from "./store.ts";

const startRun = "mutation StartRun($input: StartRunInput!) { startRun(input: $input) { run { id } } }";
const startStep = "mutation StartStep($input: StartStepInput!) { startStep(input: $input) { step { id } } }";
const recordLineage =
  "mutation Read($input: RecordLineageInput!) { recordLineage(input: $input) { execution { id } } }";
const logVersion =
  "mutation Log($input: LogVersionInput!) { logVersion(input: $input) { created version { id number } } }";
const logMetrics = "mutation Measure($input: LogMetricsInput!) { logMetrics(input: $input) { execution { id } } }";
const endExecution =
  "mutation End($input: EndExecutionInput!) { endExecution(input: $input) { execution { status } } }";

type Logged = { logVersion: { created: boolean; version: { id: string; number: number } } };

async function log(place: Place, step: string, { name, input, older }: Stored): Promise<string> {
  const { client, project, say } = place;
  if (older) {
    await client.request(recordLineage, { input: { execution: step, outputs: [{ slot: name, version: older.id }] } });
    say(`    ${name}:${older.number}, as it was made before`);
    return older.id;
  }
  const { logVersion: logged } = await client.request<Logged>(logVersion, {
    input: { ...input, project, producer: { step, slot: name } },
  });
  say(`    ${name}:${logged.version.number}${logged.created ? " is new" : ", unchanged"}`);
  return logged.version.id;
}

async function measure(client: PedigreeClient, execution: string, metrics: Record<string, number> = {}): Promise<void> {
  const values = Object.entries(metrics).map(([key, value]) => ({ key, value }));
  await client.request(logMetrics, { input: { execution, metrics: values } });
}

type Progress = { versions: Map<string, string>; contents: Map<string, string> };

async function runStep(
  place: Place,
  run: string,
  step: Step,
  parameters: Parameters,
  { versions, contents }: Progress,
) {
  const { client, say } = place;
  say(`  ${step.name}`);
  const input = { run, ...describeStep(step, parameters) };
  const { startStep: started } = await client.request<{ startStep: { step: { id: string } } }>(startStep, { input });
  const { id } = started.step;
  const inputs = step.reads.map((name) => ({ slot: name, version: versions.get(name) }));
  await client.request(recordLineage, { input: { execution: id, inputs } });
  const { made, metrics } = step.run(reader(contents), parameters);
  for (const output of made) {
    contents.set(output.name, Object.values(output.files)[0] ?? "");
    versions.set(output.name, await log(place, id, await store(place, output)));
  }
  // Of the step that measured it, and of the run, by which runs are compared.
  for (const execution of metrics ? [id, run] : []) await measure(client, execution, metrics);
  await client.request(endExecution, { input: { id, status: "COMPLETED" } });
}

/** Runs the pipeline and reports each step to the service as it happens, so that subscribers see it live. Returns the id of the run. */
export async function recordLive(place: Place, parameters: Parameters, sourceId: string): Promise<string> {
  const { client, project } = place;
  const input = { project, ...describeRun(parameters) };
  const { startRun: started } = await client.request<{ startRun: { run: { id: string } } }>(startRun, { input });
  const { id } = started.run;
  const progress: Progress = { versions: new Map([["source", sourceId]]), contents: new Map() };
  try {
    for (const step of steps) await runStep(place, id, step, parameters, progress);
  } catch (error) {
    await client.request(endExecution, { input: { id, status: "FAILED", error: String(error) } });
    throw error;
  }
  await client.request(endExecution, { input: { id, status: "COMPLETED" } });
  return id;
}
