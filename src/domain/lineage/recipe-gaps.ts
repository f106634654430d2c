import { isGiven } from "../../lib/is-given.ts";
import { Version } from "../../model/version.ts";
import { type Execution, maxRecipeNodes, type RecipeUpstream, type RequiredExecutions } from "./recipe-executions.ts";

function describeExecution({ name, id }: Execution): string {
  return `${name} (${id})`;
}

function hasCode({ code }: Execution): boolean {
  return Boolean(code && (code.repository || code.commit || code.entryPoint));
}

/** Whether the bytes are in the blob store or at an external location. */
function hasBytes({ location, digest, bytesDeletedAt }: Version): boolean {
  return Boolean(location || (digest && !isGiven(bytesDeletedAt)));
}

/** A sentence for each group of executions that depend on each other. `dependencies` are execution ids by execution id. */
export function describeCycles(
  groups: string[][],
  dependencies: Map<string, string[]>,
  executions: Map<string, Execution>,
): string[] {
  return groups
    .filter((group) => group.length > 1 || group.some((id) => dependencies.get(id)?.includes(id)))
    .map((group) => group.flatMap((id) => executions.get(id) ?? []))
    .map((group) => `a cycle, in order of start time: ${group.map(describeExecution).join(", ")}`);
}

/** Why a version without a known producer can't be used as an input; null when it can. */
function describeGap(upstream: RecipeUpstream, version: Version): string | null {
  if (upstream.producers.has(version.id)) return `${version.uri} was made by an execution that you may not read`;
  if (hasBytes(version) || upstream.boundary.has(version.id)) return null;
  return `${version.uri} has neither a producer nor bytes nor a location`;
}

/** The needed versions that no known execution makes, by URI. */
function collectGivenVersions(upstream: RecipeUpstream, { producers }: RequiredExecutions): Version[] {
  return [...producers]
    .flatMap(([id, producer]) => {
      const version = upstream.entities.get(id);
      return !producer && version instanceof Version ? [version] : [];
    })
    .sort((a, b) => (a.uri < b.uri ? -1 : 1));
}

/** A sentence for each thing that is missing to make the version again, except cycles and outputs. */
export function describeGaps(upstream: RecipeUpstream, required: RequiredExecutions): string[] {
  const { executions, producers } = required;
  return [
    ...executions
      .filter((execution) => !hasCode(execution))
      .map((execution) => `${describeExecution(execution)} has no code`),
    ...executions
      .filter(({ id }) => upstream.inputs.get(id)?.some((edge) => !producers.has(edge.from)))
      .map((execution) => `${describeExecution(execution)} reads a version that you may not read`),
    ...collectGivenVersions(upstream, required).flatMap((version) => describeGap(upstream, version) ?? []),
    ...(upstream.isComplete
      ? []
      : [`more than ${maxRecipeNodes} versions and executions are upstream; the most distant ones are left out`]),
  ];
}
