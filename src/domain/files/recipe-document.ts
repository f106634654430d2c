import type { Recipe, RecipeSlot, RecipeStep } from "../../model/recipe.ts";

function time(at: number | null | undefined): string | null {
  return at ? new Date(at).toISOString() : null;
}

function slotDocument({ slot, role, version, digest }: RecipeSlot) {
  return {
    slot,
    role,
    version: version.uri,
    id: version.id,
    digest,
    location: version.location ?? null,
  };
}

function stepDocument({ execution, name, code, parameters, environment, inputs, outputs }: RecipeStep) {
  return {
    execution: { id: execution.id, type: execution.label, status: execution.status },
    name,
    ...{ startedAt: time(execution.startedAt), endedAt: time(execution.endedAt) },
    ...{ code, parameters, environment },
    inputs: inputs.map(slotDocument),
    outputs: outputs.map(slotDocument),
  };
}

/** A recipe as one JSON object. Times are RFC 3339. */
export function toRecipeDocument({ version, complete, missing, steps }: Recipe): Record<string, unknown> {
  return {
    version: version.uri,
    id: version.id,
    digest: version.digest ?? null,
    complete,
    missing,
    steps: steps.map(stepDocument),
  };
}
