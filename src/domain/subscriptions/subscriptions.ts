import { canonicalJson } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Kind } from "../../model/enums.ts";
import type { Event, EventType } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { notFound } from "../core/errors.ts";
import { type Actor, authorize, may } from "../core/permissions.ts";
import type { EventSelection } from "../events/event-batch.ts";
import { authorizeProjects, type EventCriteria, matchesFilter } from "../events/event-filter.ts";
import type { LiveEventLog } from "../events/event-log.ts";
import { followEvents, type Selector } from "../events/follow-events.ts";
import { resolveCursor } from "../events/load-events.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import type { UpstreamWatcher } from "./upstream-watcher.ts";

/** The services that subscriptions use. */
export interface SubscriptionServices {
  eventLog: LiveEventLog;
  upstreamWatcher: UpstreamWatcher;
}

/** What a subscription is given. */
export interface SubscriptionContext extends RequestContext<"eventLog"> {
  services: SubscriptionServices;
  /** The cursor of the last event that the client has received, from its transport: it takes precedence over the document's `after`. Null for none. */
  resumeFrom: string | null;
}

/** The events of a subscription, in order: each item holds at least one. */
type EventStream = AsyncGenerator<EventSelection, void>;

function readableBy(actor: Actor, events: readonly Event[]): Event[] {
  return events.filter(({ projectName }) => may(actor, "log:read", projectName));
}

/** Selects the events that the actor may read and that match the criteria. */
function selectMatching(actor: Actor, criteria: EventCriteria): Selector {
  const matches = matchesFilter(criteria);
  return {
    key: canonicalJson([actor, criteria]),
    select: (events) => readableBy(actor, events).filter(matches),
  };
}

/**
 * Follows the log from a cursor on, or, without one, from its end. `INVALID_INPUT` when the cursor is not of this log, `EXPIRED` when it is older than
 * the log.
 */
async function follow(
  { ports, services: { eventLog }, resumeFrom }: SubscriptionContext,
  cursor: string | null | undefined,
  selector: Selector,
  onEnd: () => void = () => undefined,
): Promise<EventStream> {
  const after = (await resolveCursor(ports, resumeFrom ?? cursor)) ?? (await eventLog.flush());
  return followEvents(eventLog.tail, after, selector, onEnd);
}

/** Follows all events that match a filter; `FORBIDDEN` when it names a project that the actor may not read. */
export async function followAll(
  context: SubscriptionContext,
  { filter, after }: { filter?: EventFilter | null; after?: string | null },
): Promise<EventStream> {
  authorizeProjects(context.actor, filter?.project);
  return follow(context, after, selectMatching(context.actor, { ...filter }));
}

/** Which new versions to follow; a field that is absent or null is not compared. */
export interface VersionCriteria {
  project?: string | null;
  artifact?: string | null;
  kind?: Kind | null;
  tag?: string | null;
  after?: string | null;
}

/** Follows versions as they are logged; `FORBIDDEN` when the actor may not read the project. */
export async function followVersions(
  context: SubscriptionContext,
  { project, artifact, kind, tag, after }: VersionCriteria,
): Promise<EventStream> {
  const { actor } = context;
  if (isGiven(project)) authorize(actor, "log:read", project);
  const criteria = { project: { eq: project }, artifact: { eq: artifact }, kind: { eq: kind }, tag: { eq: tag } };
  return follow(context, after, selectMatching(actor, { type: { eq: "VERSION_LOGGED" }, ...criteria }));
}

/** Follows promotions and rollbacks, of one artifact or to one stage; `FORBIDDEN` when the actor may not read the project. */
export async function followPromotions(
  context: SubscriptionContext,
  args: { project?: string | null; artifact?: string | null; stage?: string | null; after?: string | null },
): Promise<EventStream> {
  const { actor } = context;
  const { project, artifact, stage, after } = args;
  if (isGiven(project)) authorize(actor, "log:read", project);
  const criteria = { project: { eq: project }, artifact: { eq: artifact }, stage: { eq: stage } };
  return follow(context, after, selectMatching(actor, { type: { eq: "VERSION_PROMOTED" }, ...criteria }));
}

const runTypes: EventType[] = ["RUN_STARTED", "RUN_UPDATED", "RUN_ENDED", "LINEAGE_RECORDED"];

/** Follows changes of runs and their steps, or of one run with its steps; `NOT_FOUND` when it does not exist. */
export async function followRuns(
  context: SubscriptionContext,
  { run, project, after }: { run?: string | null; project?: string | null; after?: string | null },
): Promise<EventStream> {
  const { actor, ports } = context;
  if (isGiven(project)) authorize(actor, "log:read", project);
  if (isGiven(run)) authorize(actor, "log:read", (await loadRun(ports, run)).projectName);
  const criteria = { project: { eq: project }, run: { eq: run } };
  return follow(context, after, selectMatching(actor, { type: { in: runTypes }, ...criteria }));
}

/** Follows newer versions of the artifacts upstream of a version. */
export async function followUpstream(
  context: SubscriptionContext,
  { of, after }: { of: string; after?: string | null },
): Promise<EventStream> {
  const { ports, actor, services } = context;
  const version = (await resolveReferences(ports.graph.read, actor, [{ text: of, field: "of" }])).get(of);
  if (!version) throw notFound(`of: version ${of} does not exist`);
  authorize(actor, "log:read", version.project);
  const { findNewer, end } = services.upstreamWatcher.watch(version.id);
  const selector: Selector = {
    key: canonicalJson([actor, { upstreamOf: version.id }]),
    select: (events) => findNewer(readableBy(actor, events)),
  };
  return follow(context, after, selector, end).catch((error: unknown) => {
    end();
    throw error;
  });
}
