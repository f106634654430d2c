import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import type { RecipeSlot, RecipeStep } from "../../model/recipe.ts";
import { Version } from "../../model/version.ts";
import { statement } from "../../ports/statement.ts";
import { toVersion, versionRow } from "../core/version-row.ts";
import type { Execution, RecipeUpstream } from "./recipe-executions.ts";

const recipeOutputRow = { execution: v.string(), slot: v.string(), role: v.string(), version: versionRow };
type RecipeOutputRow = v.InferOutput<v.ObjectSchema<typeof recipeOutputRow, undefined>>;

/** The readable outputs of executions; `projects` null stands for all projects. */
export const findRecipeOutputs = statement({
  name: "find-recipe-outputs",
  params: { ids: v.array(v.string()), projects: v.nullable(v.array(v.string())), limit: v.number() },
  row: recipeOutputRow,
});

function toSlot(version: Version, slot: string, role: string): RecipeSlot {
  return { slot: slot || null, role: role || null, version, digest: version.digest };
}

function compareSlots(a: RecipeSlot, b: RecipeSlot): number {
  const key = ({ slot, role, version }: RecipeSlot) => `${slot ?? ""}\n${role ?? ""}\n${version.uri}`;
  return compareText(key(a), key(b));
}

/** An execution of a recipe with the versions that it reads and makes. */
export function toRecipeStep(
  execution: Execution,
  upstream: RecipeUpstream,
  outputRows: RecipeOutputRow[],
): RecipeStep {
  const { name, code, parameters, environment } = execution;
  const inputs = (upstream.inputs.get(execution.id) ?? []).flatMap(({ from, slot, role }) => {
    const version = upstream.entities.get(from);
    return version instanceof Version ? [toSlot(version, slot, role)] : [];
  });
  const outputs = outputRows.map(({ version, slot, role }) => toSlot(toVersion(version), slot, role));
  return {
    execution,
    name,
    code,
    parameters,
    environment,
    inputs: inputs.sort(compareSlots),
    outputs: outputs.sort(compareSlots),
  };
}
