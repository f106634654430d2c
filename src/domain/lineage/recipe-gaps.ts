import { Version } from "../../model/version.ts";
import {
  type Execution,
  maxRecipeEntities,
  type RecipeUpstream,
  type RequiredExecutions,
} from "./recipe-executions.ts";

function called({ name, id }: Execution): string {
  return `${name} (${id})`;
}

function hasCode({ code }: Execution): boolean {
  return Boolean(code && (code.repository || code.commit || code.entryPoint));
}

/** Bytes in the store, or a place elsewhere where they are. */
function isThere({ location, digest, bytesDeletedAt }: Version): boolean {
  return Boolean(location || (digest && !bytesDeletedAt));
}

export function describeCycles(
  groups: string[][],
  before: Map<string, string[]>,
  byId: Map<string, Execution>,
): string[] {
  return groups
    .filter((group) => group.length > 1 || group.some((id) => before.get(id)?.includes(id)))
    .map((group) => group.flatMap((id) => byId.get(id) ?? []))
    .map((group) => `a cycle, in the order in which it began: ${group.map(called).join(", ")}`);
}

/** What keeps a version from being there before anything is run; null when nothing does. */
function missingOf(upstream: RecipeUpstream, version: Version): string | null {
  if (upstream.producers.has(version.id)) return `${version.uri} was made by an execution that you may not read`;
  if (isThere(version) || upstream.atTheEnd.has(version.id)) return null;
  return `${version.uri} has neither a producer nor bytes nor a location`;
}

export function describeGaps(
  upstream: RecipeUpstream,
  { makers, executions }: RequiredExecutions,
  given: Version[],
): string[] {
  return [
    ...executions.filter((execution) => !hasCode(execution)).map((execution) => `${called(execution)} has no code`),
    ...executions
      .filter(({ id }) => upstream.inputs.get(id)?.some((edge) => !makers.has(edge.from)))
      .map((execution) => `${called(execution)} reads a version that you may not read`),
    ...given.flatMap((version) => missingOf(upstream, version) ?? []),
    ...(upstream.whole
      ? []
      : [`more than ${maxRecipeEntities} things lie upstream: what lies beyond them is left out`]),
  ];
}
