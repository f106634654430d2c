import { randomUUID } from "node:crypto";
import { type Parameters, type Step, steps } from "./pipeline.ts";
import { describeRun, describeStep, reader } from "./run.ts";
import { type Place, store } from "./store.ts";

const publishRun = `mutation Publish($input: PublishRunInput!) {
  publishRun(input: $input) {
    run {
      id
      steps {
        nodes {
          name
          outputs { nodes { name version { number producers(first: 1) { totalCount } } } }
        }
      }
    }
  }
}`;

type Output = { name: string; version: { number: number; producers: { totalCount: number } } };
type Published = {
  publishRun: { run: { id: string; steps: { nodes: { name: string; outputs: { nodes: Output[] } }[] } } };
};

/** Which step makes what: an input of a later step names the step, and which of its outputs. */
function makerOf(done: { name: string; outputs: { slot: string }[] }[], name: string) {
  return done.find(({ outputs }) => outputs.some(({ slot }) => slot === name))?.name;
}

async function runStep(place: Place, step: Step, parameters: Parameters, contents: Map<string, string>) {
  const startedAt = new Date().toISOString();
  const { made, metrics } = step.run(reader(contents), parameters);
  const outputs: { slot: string; [field: string]: unknown }[] = [];
  for (const output of made) {
    contents.set(output.name, Object.values(output.files)[0] ?? "");
    const { name, input, older } = await store(place, output);
    outputs.push(older ? { slot: name, version: older.id } : { slot: name, ...input });
  }
  return { ...describeStep(step, parameters), metrics, startedAt, endedAt: new Date().toISOString(), outputs };
}

function tell({ say }: Place, { publishRun: { run } }: Published): void {
  for (const { name, outputs } of run.steps.nodes) {
    say(`  ${name}`);
    for (const { name: output, version } of outputs.nodes) {
      say(`    ${output}:${version.number}${version.producers.totalCount > 1 ? ", unchanged" : " is new"}`);
    }
  }
}

/** Runs the pipeline, then publishes the whole run in one call: all of it is recorded, or nothing. Gives the run's id. */
export async function recordPublished(place: Place, parameters: Parameters, sourceId: string): Promise<string> {
  const startedAt = new Date().toISOString();
  const contents = new Map<string, string>();
  const done: (Awaited<ReturnType<typeof runStep>> & { inputs: object[] })[] = [];
  for (const step of steps) {
    const inputs = step.reads.map((name) =>
      name === "source" ? { slot: name, version: sourceId } : { slot: name, step: makerOf(done, name), output: name },
    );
    done.push({ ...(await runStep(place, step, parameters, contents)), inputs });
  }
  // With a key, sending the call again after a lost connection publishes the run once.
  const input = {
    ...describeRun(parameters),
    project: place.project,
    key: randomUUID(),
    startedAt,
    endedAt: new Date().toISOString(),
    metrics: Object.assign({}, ...done.map(({ metrics }) => metrics)),
    steps: done,
  };
  const published = await place.client.request<Published>(publishRun, { input });
  tell(place, published);
  return published.publishRun.run.id;
}
