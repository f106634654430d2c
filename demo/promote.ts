import { Refused } from "./client.ts";
import type { Place } from "./store.ts";

const stage = "production";

/** What the stage asks of a model: that something was measured with it, and that it is better than the one that stands there. */
const gates = [
  { name: "evaluated", requires: { consumerKind: "ANALYSIS" } },
  { name: "better", metadata: { key: "trainAccuracy", op: "GTE", holder: { minImprovement: 0.01 } } },
];

const defineStage = "mutation Define($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
const holderOf = `query HolderOf($project: String!) {
  stages(project: $project) { name holders(artifact: "model") { version { id } } }
}`;
const promote = `mutation Promote($input: PromoteInput!) {
  promote(input: $input) { promotion { version { number } } previous { number } gates { name } }
}`;

type Holders = { stages: { name: string; holders: { version: { id: string } }[] }[] };
type Promoted = {
  promote: {
    promotion: { version: { number: number } };
    previous: { number: number } | null;
    gates: { name: string }[];
  };
};

const promoteModel = async ({ client, project, say }: Place, run: string): Promise<void> => {
  const input = { version: `${project}/model@${run}`, stage, reason: "the demo's best so far" };
  const { promotion, previous, gates: passed } = (await client.ask<Promoted>(promote, { input })).promote;
  const after = previous ? `, where model:${previous.number} stood` : "";
  say(
    `  model:${promotion.version.number} is in ${stage}${after}; passed: ${passed.map(({ name }) => name).join(", ")}`,
  );
};

const isHeld = async ({ client, project }: Place): Promise<boolean> =>
  (await client.ask<Holders>(holderOf, { project })).stages.some(
    ({ name, holders }) => name === stage && holders.length,
  );

/**
 * Gives the stage its gates and the model of the first run, unless a model stands there already; then the model of the last run, which passes because
 * it is better. Again it changes nothing: promoting who stands there leaves no trace.
 */
export const promoteModels = async (place: Place, [first = "", last = ""]: string[]): Promise<void> => {
  const { client, project, say } = place;
  say(
    `\nPromotion to ${stage}, which wants an evaluation, and a better model than the one before (defineStage, promote)`,
  );
  try {
    if (!(await isHeld(place))) {
      await client.ask(defineStage, { input: { project, name: stage, gates } });
      await promoteModel(place, first);
    }
    await promoteModel(place, last);
  } catch (error) {
    if (!(error instanceof Refused) || error.code !== "FORBIDDEN") throw error;
    say("  left out: it takes the role maintainer, which your token doesn't have");
  }
};
