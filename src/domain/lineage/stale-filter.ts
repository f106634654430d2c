import type { VersionFilter } from "../../model/filters.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { may } from "../core/permissions.ts";
import { type FilterField, filterCondition } from "../query/filter-compiler.ts";
import { findStaleVersions } from "./find-stale-versions.ts";

function getNestedFilters({ and, or, not }: VersionFilter): VersionFilter[] {
  return [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])];
}

function mentionsStale(filter: VersionFilter): boolean {
  return filter.stale !== undefined || getNestedFilters(filter).some(mentionsStale);
}

/** The project that `stale` applies to; null when the filter doesn't use `stale`. Throws `INVALID_INPUT` when it uses it in the wrong place. */
function validateStale(filter: VersionFilter): string | null {
  const { stale, project } = filter;
  const refuse = (problem: string) =>
    invalid(
      "filter.stale",
      `${problem}; use it only at the top level of a filter, as true or false, together with \`project: { eq: ... }\``,
    );
  if (getNestedFilters(filter).some(mentionsStale)) throw refuse("cannot be inside and, or, or not");
  if (stale === undefined) return null;
  if (stale === null) throw refuse("cannot be null");
  if (!project?.eq) throw refuse("requires exactly one project");
  return project.eq;
}

/**
 * The filter field `stale`: whether a version has outdated inputs. The stale versions of the filter's project are computed once per list and passed
 * as a map, because looking up a key is fast on both engines and searching a list is not.
 */
export async function createStaleField(context: RequestContext, filter: VersionFilter): Promise<FilterField> {
  const project = validateStale(filter);
  const readable = project !== null && may(context.actor, "project:read", project);
  const ids = readable ? await findStaleVersions(context, project) : [];
  const staleIds = Object.fromEntries(ids.map((id) => [id, true]));
  return {
    condition: (isStale: boolean, params) => {
      const isAmong = filterCondition("among", { value: params.add(staleIds) });
      return isStale ? isAmong : `NOT ${isAmong}`;
    },
  };
}
