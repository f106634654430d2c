import type { VersionFilter } from "../../model/filters.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { may } from "../core/permissions.ts";
import { type FilterField, filterCondition } from "../query/filter-compiler.ts";
import { findStaleVersions } from "./stale-versions.ts";

function nestedIn({ and, or, not }: VersionFilter): VersionFilter[] {
  return [...(and ?? []), ...(or ?? []), ...(not ? [not] : [])];
}

function speaksOfIt(filter: VersionFilter): boolean {
  return filter.stale !== undefined || nestedIn(filter).some(speaksOfIt);
}

/** The project whose stale versions a filter asks about, or null; `INVALID_INPUT` where `stale` stands in the wrong place. */
function projectAsked(filter: VersionFilter): string | null {
  const { stale, project } = filter;
  const wrong = (what: string) =>
    invalid(
      "filter.stale",
      `${what}: it stands only at the top of a filter with \`project: { eq: ... }\`, as true or false`,
    );
  if (nestedIn(filter).some(speaksOfIt)) throw wrong("it stands within and, or, or not");
  if (stale === undefined) return null;
  if (stale === null) throw wrong("it is null");
  if (!project?.eq) throw wrong("no one project is named");
  return project.eq;
}

/**
 * Whether the item has outdated inputs, as `stalenessOf` says: found for all versions of the project that the filter names, once for each list.
 * A map is looked into in no time, where one engine would go through a list for every item.
 */
export async function staleField(context: RequestContext, filter: VersionFilter): Promise<FilterField> {
  const project = projectAsked(filter);
  const readable = project !== null && may(context.actor, "project:read", project);
  const ids = readable ? await findStaleVersions(context, project) : [];
  const stale = Object.fromEntries(ids.map((id) => [id, true]));
  return {
    condition: (wanted: boolean, params) => {
      const among = filterCondition("among", { value: params.add(stale) });
      return wanted ? among : `NOT ${among}`;
    },
  };
}
