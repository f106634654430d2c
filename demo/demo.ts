import type { PedigreeClient } from "../src/client/client.ts";
import { recordLive } from "./live.ts";
import { type Parameters, source } from "./pipeline.ts";
import { promoteModels } from "./promote.ts";
import { recordPublished } from "./published.ts";
import type { Place } from "./store.ts";

const logSource = "mutation LogSource($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";

function parameters(maxDepth: number): Parameters {
  return {
    testEvery: 5,
    maxDepth,
    minNumSamples: 10,
    gainThreshold: 0.001,
  };
}

/**
 * Runs the pipeline twice, with a deeper tree the second time, records both runs, each in its own way, and promotes the better model.
 * Again and again it adds runs, but no version whose content is there. Gives the ids of the two runs.
 */
export async function runDemo(client: PedigreeClient, project: string, say: Place["say"]): Promise<string[]> {
  const place = { client, project, say };
  const input = { project, ...source, ifChanged: true };
  const { logVersion } = await client.request<{ logVersion: { version: { id: string } } }>(logSource, { input });
  const sourceId = logVersion.version.id;
  say(
    "First run: a tree of depth 1, recorded while it runs (startRun, startStep, logVersion, logMetrics, endExecution)",
  );
  const first = await recordLive(place, parameters(1), sourceId);
  say("\nSecond run: depth 3, recorded afterwards by one publishRun");
  const second = await recordPublished(place, parameters(3), sourceId);
  await promoteModels(place, [first, second]);
  return [first, second];
}
