import { isGiven } from "../../lib/is-given.ts";
import { keysOf } from "../../lib/keys-of.ts";
import type { Event } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { StringFilter } from "../../model/filters.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { type FilterFields, propertyField } from "../query/filter-compiler.ts";

/** The fields of `EventFilter` as Cypher, for listing the log. */
export const eventFields: FilterFields = {
  project: propertyField("item.project"),
  // An event holds the key of its artifact, `project/name`.
  artifact: propertyField("substring(item.artifactKey, size(item.project) + 1)"),
  kind: propertyField("item.kind"),
  type: propertyField("item.type"),
  actor: propertyField("item.actor"),
};

/** The fields that subscriptions select events by: those of `EventFilter`, and three more. */
type EventField = keyof EventFilter | "stage" | "run" | "tag";

/** The name of the artifact that an event is about, null if it is about none. */
function getArtifactName({ artifactKey, projectName }: Event): string | null {
  return artifactKey?.slice(projectName.length + 1) ?? null;
}

/** The values of these fields of an event. */
const fieldValues: Record<EventField, (event: Event) => string | readonly string[] | null> = {
  project: (event) => event.projectName,
  artifact: getArtifactName,
  kind: (event) => event.kind,
  type: (event) => event.type,
  actor: (event) => event.actor,
  stage: (event) => event.stage,
  run: (event) => event.runId,
  tag: (event) => event.tags,
};

/** Compares a field of an event; all comparisons that are given must hold. */
interface TextComparison {
  readonly eq?: string | null | undefined;
  readonly in?: readonly string[] | null | undefined;
  readonly contains?: string | null | undefined;
  readonly startsWith?: string | null | undefined;
}

/** Which events a subscription follows: an `EventFilter`, or a similar object. A field that is absent or null is not compared. */
export type EventCriteria = { readonly [field in EventField]?: TextComparison | null | undefined };

type Predicate = (value: string) => boolean;

function toPredicates({ eq, in: oneOf, contains, startsWith }: TextComparison): Predicate[] {
  const predicates: Predicate[] = [];
  if (isGiven(eq)) predicates.push((value) => value === eq);
  if (isGiven(oneOf)) predicates.push((value) => oneOf.includes(value));
  if (isGiven(contains)) predicates.push((value) => value.includes(contains));
  if (isGiven(startsWith)) predicates.push((value) => value.startsWith(startsWith));
  return predicates;
}

/** Whether an event matches criteria: in memory, what `eventFields` are in Cypher. */
export function matchesFilter(criteria: EventCriteria): (event: Event) => boolean {
  const conditions = keysOf(fieldValues).flatMap((field) =>
    toPredicates(criteria[field] ?? {}).map(
      (holds) => (event: Event) => [fieldValues[field](event) ?? []].flat().some(holds),
    ),
  );
  return (event) => conditions.every((holds) => holds(event));
}

/** Throws `FORBIDDEN` when a filter names a project whose log the actor may not read. */
export function authorizeProjects(actor: Actor, project: StringFilter | null | undefined): void {
  for (const name of [project?.eq ?? [], project?.in ?? []].flat()) authorize(actor, "log:read", name);
}
