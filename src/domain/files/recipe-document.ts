import type { Recipe, RecipeSlot, RecipeStep } from "../../model/recipe.ts";

const time = (at: number | null | undefined): string | null => (at ? new Date(at).toISOString() : null);

const slotDocument = ({ slot, role, version, digest }: RecipeSlot) => ({
  slot,
  role,
  version: version.uri,
  id: version.id,
  digest,
  location: version.location ?? null,
});

const stepDocument = ({ execution, name, code, parameters, environment, inputs, outputs }: RecipeStep) => ({
  execution: { id: execution.id, type: execution.label, status: execution.status },
  name,
  ...{ startedAt: time(execution.startedAt), endedAt: time(execution.endedAt) },
  ...{ code, parameters, environment },
  inputs: inputs.map(slotDocument),
  outputs: outputs.map(slotDocument),
});

/** A recipe as one JSON object. Times are RFC 3339. */
export const recipeDocument = ({ version, complete, missing, steps }: Recipe): Record<string, unknown> => ({
  version: version.uri,
  id: version.id,
  digest: version.digest ?? null,
  complete,
  missing,
  steps: steps.map(stepDocument),
});
