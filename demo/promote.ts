import { PedigreeError } from "../src/client/client.ts";
import type { Place } from "./store.ts";

const stage = "production";

/** What the stage asks of a model: that something was measured with it, and that it is better than the one that stands there. */
const gates = [
  { name: "evaluated", requires: { consumerKind: "ANALYSIS" } },
  { name: "better", metadata: { key: "trainAccuracy", op: "GTE", holder: { minImprovement: 0.01 } } },
];

const defineStage = "mutation Define($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
const stagesOf = `query StagesOf($project: String!) {
  stages(project: $project) { name gates { name } holders(artifact: "model") { version { number } } }
}`;
const promote = `mutation Promote($input: PromoteInput!) {
  promote(input: $input) { promotion { version { number } } previous { number } gates { name passed } }
}`;

type Stage = { name: string; gates: { name: string }[]; holders: { version: { number: number } }[] };
type Promoted = {
  promote: {
    promotion: { version: { number: number } };
    previous: { number: number } | null;
    gates: { name: string; passed: boolean }[];
  };
};

async function promoteModel({ client, project, say }: Place, run: string): Promise<void> {
  const input = { version: `${project}/model@${run}`, stage, reason: "the demo's best so far" };
  const { promotion, previous, gates: judged } = (await client.request<Promoted>(promote, { input })).promote;
  const after = previous ? `, where model:${previous.number} stood` : "";
  const passed = judged.flatMap((gate) => (gate.passed ? [gate.name] : [])).join(", ") || "no gate";
  say(`  model:${promotion.version.number} is in ${stage}${after}; passed: ${passed}`);
}

async function findStage({ client, project }: Place): Promise<Stage | undefined> {
  return (await client.request<{ stages: Stage[] }>(stagesOf, { project })).stages.find(({ name }) => name === stage);
}

/** Says why a model wasn't promoted. Throws what is neither a lack of rights nor a gate. */
async function explain(place: Place, error: unknown): Promise<void> {
  if (!(error instanceof PedigreeError)) throw error;
  if (error.code === "FORBIDDEN") {
    return place.say(
      "  left out: it takes the role maintainer, or the one that the stage asks for; your token has neither",
    );
  }
  if (error.code !== "GATE_FAILED") throw error;
  const holders = (await findStage(place))?.holders.map(({ version }) => `model:${version.number}`) ?? [];
  place.say(`  not promoted: ${error.message}`);
  place.say(`  ${stage} is held by ${holders.join(", ") || "nobody"}, and somebody may have changed its gates since`);
}

/**
 * Gives the stage its gates, unless it has some, and the model of the first run, unless a model stands there already; then the model of the
 * last run, which passes because it is better. Again it changes nothing: promoting who stands there leaves no trace.
 */
export async function promoteModels(place: Place, [first = "", last = ""]: string[]): Promise<void> {
  const { client, project, say } = place;
  say(
    `\nPromotion to ${stage}, which wants an evaluation, and a better model than the one before (defineStage, promote)`,
  );
  try {
    const found = await findStage(place);
    if (!found?.gates.length) await client.request(defineStage, { input: { project, name: stage, gates } });
    if (!found?.holders.length) await promoteModel(place, first);
    await promoteModel(place, last);
  } catch (error) {
    await explain(place, error);
  }
}
