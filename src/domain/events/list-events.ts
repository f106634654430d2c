import type { Event, EventConnection } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { validatePageSize } from "../query/cursor-page.ts";
import type { Filter } from "../query/filter-compiler.ts";
import { readFiltered } from "../query/list.ts";
import { authorizeProjects, eventFields } from "./event-filter.ts";
import { eventRow } from "./event-row.ts";
import { resolveCursor, toEvent } from "./load-events.ts";

/** Which page of the log: the first `first` matching events (default 50) after a cursor, or from the oldest event that is kept. */
export interface EventPage {
  after?: string | null;
  first?: number | null;
  filter?: EventFilter | null;
}

function toPage(events: Event[], hasNextPage: boolean, after: string | null): EventConnection {
  return {
    edges: events.map((node) => ({ cursor: node.cursor, node })),
    nodes: events,
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after !== null,
      startCursor: events[0]?.cursor ?? null,
      // At the end of the log the next page begins where this one did.
      endCursor: events.at(-1)?.cursor ?? after,
    },
  };
}

/** One page of the matching events that the actor may read, oldest first. Everything that was committed before the call is included. */
export async function listEvents(
  { actor, ports, services }: RequestContext<"eventLog">,
  { after = null, first, filter }: EventPage,
): Promise<EventConnection> {
  const limit = validatePageSize(first, "first");
  authorizeProjects(actor, filter?.project);
  const last = await services.eventLog.flush();
  const seq = await resolveCursor(ports, after);
  const criteria: Filter & EventFilter = filter ?? {};
  const listing = { filter: criteria, fields: eventFields, projects: readableProjects(actor) };
  const bounds = { after: seq ?? 0, last, limit: limit + 1 };
  const rows = await readFiltered(ports, "list/events", { event: eventRow }, listing, bounds);
  return toPage(
    rows.slice(0, limit).map(({ event }) => toEvent(event)),
    rows.length > limit,
    after,
  );
}
