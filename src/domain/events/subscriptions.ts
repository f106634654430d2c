import type { Kind } from "../../model/enums.ts";
import type { Event } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { Deps } from "../deps.ts";
import { notFound } from "../errors.ts";
import type { Upstreams } from "../lineage/upstream.ts";
import { mapped } from "../mapped-iterator.ts";
import { type Actor, authorise, may } from "../permissions.ts";
import { loadRun } from "../things.ts";
import { resolveReferences } from "../versions/resolve.ts";
import { artifactOf, authoriseProjects, fitsFilter } from "./event-filter.ts";
import { readerPlace } from "./event-log.ts";
import type { EventTail } from "./event-tail.ts";
import { followEvents } from "./follow-events.ts";

/** Who follows the log, from where on, and what a process knows of the log's end. */
export interface Follower {
  deps: Deps;
  actor: Actor;
  tail: EventTail;
  upstreams: Upstreams;
  /** The last event that a client says to have seen, whatever its document says; null for none. */
  resumeFrom: string | null;
}

/** Those of some events that were asked for. */
type Select = (events: readonly Event[]) => Event[] | Promise<Event[]>;

/** Selects the events of which something holds. */
const where =
  (fits: (event: Event) => boolean): Select =>
  (events) =>
    events.filter(fits);

async function* selected(
  { deps, actor, tail }: Follower,
  after: number,
  select: Select,
  signal: AbortSignal,
): AsyncGenerator<Event[], void> {
  for await (const events of followEvents(deps, tail, after, signal)) {
    const kept = await select(events.filter((event) => may(actor, "log:read", event.projectName)));
    if (kept.length) yield kept;
  }
}

/**
 * The events that fit and that the actor may read: those after a cursor first, then those to come; without one those to come from now on.
 * `INVALID_INPUT` for what is no cursor of this log, `EXPIRED` for one that is older than the log.
 */
const follow = async (
  follower: Follower,
  cursor: string | null | undefined,
  select: Select,
  onEnd: () => void = () => undefined,
): Promise<AsyncGenerator<Event[], void>> => {
  const after = (await readerPlace(follower.deps, follower.resumeFrom ?? cursor)) ?? (await follower.tail.settle());
  const ended = new AbortController();
  // A reader that waits for an event can't be told to end before there is one: it is woken first.
  return mapped(
    selected(follower, after, select, ended.signal),
    (events) => events,
    () => {
      onEnd();
      ended.abort();
    },
  );
};

/** Follows all events that a filter keeps; `FORBIDDEN` when it names a project that is not the actor's to read. */
export const followAll = async (
  follower: Follower,
  { filter, after }: { filter?: EventFilter | null; after?: string | null },
) => {
  authoriseProjects(follower.actor, filter?.project);
  return follow(follower, after, where(fitsFilter(filter ?? {})));
};

/** Whether a value is the one that is wanted; any is where none is named. */
const isAny = <T>(wanted: T | null | undefined, value: T | null): boolean =>
  wanted === null || wanted === undefined || wanted === value;

/** Whether an event is of the project and artifact that are wanted, as far as they are named. */
const isOf =
  ({ project, artifact }: { project?: string | null; artifact?: string | null }) =>
  (event: Event): boolean =>
    isAny(project, event.projectName) && isAny(artifact, artifactOf(event));

/** Which new versions are asked for; what is left out may be anything. */
export interface WantedVersions {
  project?: string | null;
  artifact?: string | null;
  kind?: Kind | null;
  tag?: string | null;
  after?: string | null;
}

/** Follows versions as they are logged. */
export const followVersions = async (follower: Follower, wanted: WantedVersions) => {
  const { project, kind, tag, after } = wanted;
  if (project) authorise(follower.actor, "log:read", project);
  const hasTag = ({ tags }: Event) => isAny(tag, null) || tags.some((one) => one === tag);
  const isWanted = isOf(wanted);
  const fits = (event: Event) =>
    event.type === "VERSION_LOGGED" && isWanted(event) && isAny(kind, event.kind) && hasTag(event);
  return follow(follower, after, where(fits));
};

/** Follows promotions and rollbacks, of one artifact or to one stage. */
export const followPromotions = async (
  follower: Follower,
  wanted: { project?: string | null; artifact?: string | null; stage?: string | null; after?: string | null },
) => {
  const { project, stage, after } = wanted;
  if (project) authorise(follower.actor, "log:read", project);
  const isWanted = isOf(wanted);
  const fits = (event: Event) => event.type === "VERSION_PROMOTED" && isWanted(event) && isAny(stage, event.stage);
  return follow(follower, after, where(fits));
};

const runTypes = new Set<string>(["RUN_STARTED", "RUN_UPDATED", "RUN_ENDED", "LINEAGE_RECORDED"]);

/** Follows what happens to runs and their steps, or to one; `NOT_FOUND` when there is no such run. */
export const followRuns = async (
  follower: Follower,
  { run, project, after }: { run?: string | null; project?: string | null; after?: string | null },
) => {
  if (project) authorise(follower.actor, "log:read", project);
  if (run) authorise(follower.actor, "log:read", (await loadRun(follower.deps, run)).projectName);
  const isWanted = isOf({ project });
  return follow(
    follower,
    after,
    where((event) => runTypes.has(event.type) && isWanted(event) && isAny(run, event.runId)),
  );
};

/** Follows newer versions of the artifacts upstream of a version. */
export const followUpstream = async (follower: Follower, { of, after }: { of: string; after?: string | null }) => {
  const { deps, actor, upstreams } = follower;
  const version = (await resolveReferences(deps.graph.read, actor, [{ text: of, field: "of" }])).get(of);
  if (!version) throw notFound(`of: version ${of}`);
  authorise(actor, "log:read", version.project);
  const { outdating, end } = upstreams.watch(version.id);
  return follow(follower, after, outdating, end).catch((error: unknown) => {
    end();
    throw error;
  });
};
