import type { RecipeSlot, RecipeStep } from "../../model/recipe.ts";
import { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import type { Execution, RecipeUpstream } from "./recipe-executions.ts";

type RecipeOutputRow = { execution: string; slot: string; role: string; version: VersionRow };

export const findOutputs = statement<{ ids: string[]; projects: string[] | null; limit: number }, RecipeOutputRow>(
  "find-recipe-outputs",
);

function toSlot(version: Version, slot: string, role: string): RecipeSlot {
  return {
    slot: slot || null,
    role: role || null,
    version,
    digest: version.digest ?? null,
  };
}

function bySlot(a: RecipeSlot, b: RecipeSlot): number {
  const [one, two] = [a, b].map(({ slot, role, version }) => `${slot ?? ""}\n${role ?? ""}\n${version.uri}`);
  return (one ?? "") < (two ?? "") ? -1 : 1;
}

export function toRecipeStep(execution: Execution, upstream: RecipeUpstream, outputs: RecipeOutputRow[]): RecipeStep {
  const { name, code, parameters, environment } = execution;
  const inputs = (upstream.inputs.get(execution.id) ?? []).flatMap(({ from, slot, role }) => {
    const version = upstream.things.get(from);
    return version instanceof Version ? [toSlot(version, slot, role)] : [];
  });
  const made = outputs.map(({ version, slot, role }) => toSlot(toVersion(version), slot, role));
  return { execution, name, code, parameters, environment, inputs: inputs.sort(bySlot), outputs: made.sort(bySlot) };
}
