import type { Recipe, RecipeSlot, RecipeStep } from "../../model/recipe.ts";
import { toTimestamp } from "./timestamp.ts";

function toSlotDocument({ slot, role, version, digest }: RecipeSlot) {
  return { slot, role, version: version.uri, id: version.id, digest, location: version.location };
}

function toStepDocument({ execution, name, code, parameters, environment, inputs, outputs }: RecipeStep) {
  return {
    execution: { id: execution.id, type: execution.label, status: execution.status },
    name,
    startedAt: toTimestamp(execution.startedAt),
    endedAt: toTimestamp(execution.endedAt),
    code,
    parameters,
    environment,
    inputs: inputs.map(toSlotDocument),
    outputs: outputs.map(toSlotDocument),
  };
}

/** A recipe as a single JSON object with RFC 3339 times. */
export function toRecipeDocument({ version, complete, missing, steps }: Recipe): Record<string, unknown> {
  return {
    version: version.uri,
    id: version.id,
    digest: version.digest,
    complete,
    missing,
    steps: steps.map(toStepDocument),
  };
}
