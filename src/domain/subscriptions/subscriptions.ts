import { canonicalJson } from "../../lib/canonical-json.ts";
import { memoizeWeak } from "../../lib/memoize.ts";
import type { Kind } from "../../model/enums.ts";
import type { Event, EventType } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { notFound } from "../core/errors.ts";
import { type Actor, authorize, may } from "../core/permissions.ts";
import { authorizeProjects, type EventCriteria, matchesFilter } from "../events/event-filter.ts";
import { readerPlace } from "../events/event-log.ts";
import type { EventTail } from "../events/event-tail.ts";
import { followEvents, type Select } from "../events/follow-events.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import type { UpstreamWatcher } from "./upstream-watcher.ts";

/** Who follows the log, from where on, and what a process knows of the log's end. */
export interface Follower extends RequestContext<"eventLog"> {
  tail: EventTail;
  upstreams: UpstreamWatcher;
  /** The last event that a client says to have seen, whatever its document says; null for none. */
  resumeFrom: string | null;
}

/** What was selected of events that many are handed, by who wants what. */
const selectionsOf = memoizeWeak((_events: readonly Event[]) => new Map<string, Event[]>());

/** Selects the events that an actor may read and that fit, once for all who want the same. */
function where(actor: Actor, wanted: EventCriteria): Select {
  const key = canonicalJson([actor, wanted]);
  const fits = matchesFilter(wanted);
  return (events) => {
    const selections = selectionsOf(events);
    const selection = selections.get(key) ?? readableBy(actor, events).filter(fits);
    selections.set(key, selection);
    return selection;
  };
}

function readableBy(actor: Actor, events: readonly Event[]): Event[] {
  return events.filter(({ projectName }) => may(actor, "log:read", projectName));
}

/**
 * The events that fit and that the actor may read: those after a cursor first, then those to come; without one those to come from now on.
 * `INVALID_INPUT` for what is no cursor of this log, `EXPIRED` for one that is older than the log.
 */
async function follow(
  follower: Follower,
  cursor: string | null | undefined,
  select: Select,
  onEnd: () => void = () => undefined,
): Promise<AsyncGenerator<Event[], void>> {
  const after =
    (await readerPlace(follower.ports, follower.resumeFrom ?? cursor)) ?? (await follower.services.eventLog.flush());
  return followEvents(follower.ports, follower.tail, after, select, onEnd);
}

/** Follows all events that a filter keeps; `FORBIDDEN` when it names a project that is not the actor's to read. */
export async function followAll(
  follower: Follower,
  { filter, after }: { filter?: EventFilter | null; after?: string | null },
) {
  authorizeProjects(follower.actor, filter?.project);
  return follow(follower, after, where(follower.actor, { ...filter }));
}

/** Which new versions are asked for; what is left out may be anything. */
export interface VersionCriteria {
  project?: string | null;
  artifact?: string | null;
  kind?: Kind | null;
  tag?: string | null;
  after?: string | null;
}

/** Follows versions as they are logged. */
export async function followVersions(follower: Follower, { project, artifact, kind, tag, after }: VersionCriteria) {
  if (project) authorize(follower.actor, "log:read", project);
  const of = { project: { eq: project }, artifact: { eq: artifact }, kind: { eq: kind }, tag: { eq: tag } };
  return follow(follower, after, where(follower.actor, { type: { eq: "VERSION_LOGGED" }, ...of }));
}

/** Follows promotions and rollbacks, of one artifact or to one stage. */
export async function followPromotions(
  follower: Follower,
  wanted: { project?: string | null; artifact?: string | null; stage?: string | null; after?: string | null },
) {
  const { project, artifact, stage, after } = wanted;
  if (project) authorize(follower.actor, "log:read", project);
  const of = { project: { eq: project }, artifact: { eq: artifact }, stage: { eq: stage } };
  return follow(follower, after, where(follower.actor, { type: { eq: "VERSION_PROMOTED" }, ...of }));
}

const runTypes: EventType[] = ["RUN_STARTED", "RUN_UPDATED", "RUN_ENDED", "LINEAGE_RECORDED"];

/** Follows what happens to runs and their steps, or to one; `NOT_FOUND` when there is no such run. */
export async function followRuns(
  follower: Follower,
  { run, project, after }: { run?: string | null; project?: string | null; after?: string | null },
) {
  if (project) authorize(follower.actor, "log:read", project);
  if (run) authorize(follower.actor, "log:read", (await loadRun(follower.ports, run)).projectName);
  const of = { project: { eq: project }, run: { eq: run } };
  return follow(follower, after, where(follower.actor, { type: { in: runTypes }, ...of }));
}

/** Follows newer versions of the artifacts upstream of a version. */
export async function followUpstream(follower: Follower, { of, after }: { of: string; after?: string | null }) {
  const { ports, actor, upstreams } = follower;
  const version = (await resolveReferences(ports.graph.read, actor, [{ text: of, field: "of" }])).get(of);
  if (!version) throw notFound(`of: version ${of} does not exist`);
  authorize(actor, "log:read", version.project);
  const { outdating, end } = upstreams.watch(version.id);
  const select: Select = (events) => outdating(readableBy(actor, events));
  return follow(follower, after, select, end).catch((error: unknown) => {
    end();
    throw error;
  });
}
