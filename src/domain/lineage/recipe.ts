import { groupBy } from "../../lib/group-by.ts";
import { topologicalGroups } from "../../lib/topological-order.ts";
import { Recipe } from "../../model/recipe.ts";
import { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { toVersion } from "../core/version-row.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findRequiredExecutions, loadUpstream } from "./recipe-executions.ts";
import { describeCycles, describeGaps } from "./recipe-gaps.ts";
import { findOutputs, toRecipeStep } from "./recipe-steps.ts";

/** Maximum outputs that the executions of a recipe may have. */
const maxOutputs = 20_000;

/**
 * How a version can be made again: the executions that it takes, in an order that can be run, and what is missing for it. A handful of
 * statements, whatever the size; beyond 10,000 things upstream it isn't complete, and says so.
 */
export async function findRecipeOfVersion(context: RequestContext, version: Version): Promise<Recipe> {
  const upstream = await loadUpstream(context, version.id);
  const found = findRequiredExecutions(upstream, version.id);
  const { makers, executions } = found;
  const byId = new Map(executions.map((execution) => [execution.id, execution]));
  const makersOf = (id: string) => (upstream.inputs.get(id) ?? []).flatMap((edge) => makers.get(edge.from)?.id ?? []);
  const before = new Map(executions.map(({ id }) => [id, [...new Set(makersOf(id))]]));
  const groups = topologicalGroups([...before].map(([id, others]) => ({ id, before: others })));
  const limit = maxOutputs + 1;
  const made = executions.length
    ? await context.ports.graph.read(findOutputs, {
        ids: [...byId.keys()],
        projects: readableProjects(context.actor),
        limit,
      })
    : [];
  const outputs = groupBy(made.slice(0, maxOutputs), (row) => row.execution);
  const given = [...makers].flatMap(([id, maker]) => {
    const version = upstream.things.get(id);
    return !maker && version instanceof Version ? [version] : [];
  });
  given.sort((a, b) => (a.uri < b.uri ? -1 : 1));
  const missing = [
    ...describeGaps(upstream, found, given),
    ...describeCycles(groups, before, byId),
    ...(made.length > maxOutputs ? [`more than ${maxOutputs} outputs: the rest of them is left out`] : []),
  ];
  const steps = groups.flat().flatMap((id) => {
    const execution = byId.get(id);
    return execution ? [toRecipeStep(execution, upstream, outputs.get(id) ?? [])] : [];
  });
  return Object.assign(new Recipe(), { version, steps, missing, complete: missing.length === 0 });
}

/** The recipe of the version that a reference names. */
export async function findRecipe(context: RequestContext, reference: string): Promise<Recipe> {
  const { of } = await resolveFields(context, { of: reference });
  return findRecipeOfVersion(context, toVersion(of));
}
