import { groupBy } from "../../lib/group-by.ts";
import { topologicalGroups } from "../../lib/topological-order.ts";
import { Recipe } from "../../model/recipe.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { toVersion } from "../core/version-row.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import {
  collectRequiredExecutions,
  loadUpstream,
  type RecipeUpstream,
  type RequiredExecutions,
} from "./recipe-executions.ts";
import { describeCycles, describeGaps } from "./recipe-gaps.ts";
import { findRecipeOutputs, toRecipeStep } from "./recipe-steps.ts";

/** Maximum number of outputs that a recipe lists. */
const maxOutputs = 20_000;

async function loadOutputs({ ports, actor }: RequestContext, ids: string[]) {
  if (!ids.length) return { outputs: [], hasMore: false };
  const rows = await ports.graph.read(findRecipeOutputs, {
    ids,
    projects: readableProjects(actor),
    limit: maxOutputs + 1,
  });
  return { outputs: rows.slice(0, maxOutputs), hasMore: rows.length > maxOutputs };
}

/** For each execution: the executions that make its inputs. */
function toDependencies(upstream: RecipeUpstream, { executions, producers }: RequiredExecutions) {
  const dependenciesOf = (id: string) =>
    (upstream.inputs.get(id) ?? []).flatMap((edge) => producers.get(edge.from)?.id ?? []);
  return new Map(executions.map(({ id }) => [id, [...new Set(dependenciesOf(id))]]));
}

/**
 * How a version can be made again: the executions that it takes, in an order in which they can run, and what is missing. Runs a fixed number of
 * statements and covers the nearest 10,000 versions and executions upstream; with more, the recipe is not complete and says so.
 */
export async function findRecipeOfVersion(context: RequestContext, version: Version): Promise<Recipe> {
  const upstream = await loadUpstream(context, version.id);
  const required = collectRequiredExecutions(upstream, version.id);
  const executions = new Map(required.executions.map((execution) => [execution.id, execution]));
  const dependencies = toDependencies(upstream, required);
  const groups = topologicalGroups([...dependencies].map(([id, before]) => ({ id, before })));
  const { outputs, hasMore } = await loadOutputs(context, [...executions.keys()]);
  const outputsByExecution = groupBy(outputs, (row) => row.execution);
  const missing = [
    ...describeGaps(upstream, required),
    ...describeCycles(groups, dependencies, executions),
    ...(hasMore ? [`more than ${maxOutputs} outputs; the others are left out`] : []),
  ];
  const steps = groups.flat().flatMap((id) => {
    const execution = executions.get(id);
    return execution ? [toRecipeStep(execution, upstream, outputsByExecution.get(id) ?? [])] : [];
  });
  return Object.assign(new Recipe(), { version, steps, missing, complete: missing.length === 0 });
}

/** The recipe of the version that a reference names. Throws `NOT_FOUND` or `FORBIDDEN` when the actor can't read it. */
export async function findRecipe(context: RequestContext, reference: string): Promise<Recipe> {
  const { of } = await resolveFields(context, { of: reference });
  return findRecipeOfVersion(context, toVersion(of));
}
