import type { Event } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { StringFilter } from "../../model/filters.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { type FilterFields, givenEntries, propertyField } from "../query/filter-compiler.ts";

/** The leaves of `EventFilter` for the log as it is listed. */
export const eventFields: FilterFields = {
  project: propertyField("item.project"),
  // An event holds the key of its artifact, `project/name`.
  artifact: propertyField("substring(item.artifactKey, size(item.project) + 1)"),
  kind: propertyField("item.kind"),
  type: propertyField("item.type"),
  actor: propertyField("item.actor"),
};

/** The name of the artifact that an event is about, null for none. */
function artifactOf({ artifactKey, projectName }: Event): string | null {
  return artifactKey?.slice(projectName.length + 1) ?? null;
}

/** The same fields, of an event in hand. */
const values: Record<string, (event: Event) => string | readonly string[] | null> = {
  project: (event) => event.projectName,
  artifact: artifactOf,
  kind: (event) => event.kind,
  type: (event) => event.type,
  actor: (event) => event.actor,
  stage: (event) => event.stage,
  run: (event) => event.runId,
  tag: (event) => event.tags,
};

const comparisons: Record<string, (value: string, wanted: string & string[]) => boolean> = {
  eq: (value, wanted) => value === wanted,
  in: (value, wanted) => wanted.includes(value),
  contains: (value, wanted) => value.includes(wanted),
  startsWith: (value, wanted) => value.startsWith(wanted),
};

/** What a subscription wants of events, by the fields above: an `EventFilter`, or the like; what isn't given may be anything. */
export type EventCriteria = { readonly [field in keyof EventFilter | "stage" | "run" | "tag"]?: object | null };

/** Whether an event fits a filter: the same as the leaves say of events that are listed. */
export function matchesFilter(filter: EventCriteria): (event: Event) => boolean {
  const conditions = givenEntries(filter).flatMap(([field, comparison]) =>
    givenEntries(comparison as object).map(([name, wanted]) => (event: Event) => {
      const found = [values[field]?.(event) ?? []].flat();
      return found.some((value) => comparisons[name]?.(value, wanted as string & string[]) === true);
    }),
  );
  return (event) => conditions.every((holds) => holds(event));
}

/** Refuses, with `FORBIDDEN`, a reader of the log who names a project that is not theirs to read. */
export function authorizeProjects(actor: Actor, project: StringFilter | null | undefined): void {
  for (const name of [project?.eq ?? [], project?.in ?? []].flat()) authorize(actor, "log:read", name);
}
