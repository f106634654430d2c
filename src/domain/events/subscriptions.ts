import type { Kind } from "../../model/enums.ts";
import type { Event } from "../../model/event.ts";
import type { EventFilter } from "../../model/event-filter.ts";
import type { Deps } from "../deps.ts";
import { notFound } from "../errors.ts";
import { canonicalJson } from "../json.ts";
import type { Upstreams } from "../lineage/upstream.ts";
import { type Actor, authorise, may } from "../permissions.ts";
import { loadRun } from "../things.ts";
import { resolveReferences } from "../versions/resolve.ts";
import { artifactOf, authoriseProjects, fitsFilter } from "./event-filter.ts";
import { readerPlace } from "./event-log.ts";
import type { EventTail } from "./event-tail.ts";
import { followEvents, type Select } from "./follow-events.ts";

/** Who follows the log, from where on, and what a process knows of the log's end. */
export interface Follower {
  deps: Deps;
  actor: Actor;
  tail: EventTail;
  upstreams: Upstreams;
  /** The last event that a client says to have seen, whatever its document says; null for none. */
  resumeFrom: string | null;
}

/** What was selected of events that many are handed, by who wants what. */
const selections = new WeakMap<readonly Event[], Map<string, Event[]>>();

/** Selects the events that an actor may read and of which something holds, once for all who want the same: `wanted` says what that is. */
const where = (actor: Actor, wanted: readonly unknown[], fits: (event: Event) => boolean): Select => {
  const key = canonicalJson([actor, wanted]);
  return (events) => {
    const known = selections.get(events) ?? new Map<string, Event[]>();
    selections.set(events, known);
    const selection = known.get(key) ?? readableBy(actor, events).filter(fits);
    known.set(key, selection);
    return selection;
  };
};

const readableBy = (actor: Actor, events: readonly Event[]): Event[] =>
  events.filter(({ projectName }) => may(actor, "log:read", projectName));

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
  return followEvents(follower.deps, follower.tail, after, select, onEnd);
};

/** Follows all events that a filter keeps; `FORBIDDEN` when it names a project that is not the actor's to read. */
export const followAll = async (
  follower: Follower,
  { filter, after }: { filter?: EventFilter | null; after?: string | null },
) => {
  authoriseProjects(follower.actor, filter?.project);
  return follow(follower, after, where(follower.actor, ["events", filter], fitsFilter(filter ?? {})));
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
  const { after, ...which } = wanted;
  const { project, kind, tag } = which;
  if (project) authorise(follower.actor, "log:read", project);
  const hasTag = ({ tags }: Event) => isAny(tag, null) || tags.some((one) => one === tag);
  const isWanted = isOf(wanted);
  const fits = (event: Event) =>
    event.type === "VERSION_LOGGED" && isWanted(event) && isAny(kind, event.kind) && hasTag(event);
  return follow(follower, after, where(follower.actor, ["versions", which], fits));
};

/** Follows promotions and rollbacks, of one artifact or to one stage. */
export const followPromotions = async (
  follower: Follower,
  wanted: { project?: string | null; artifact?: string | null; stage?: string | null; after?: string | null },
) => {
  const { after, ...which } = wanted;
  const { project, stage } = which;
  if (project) authorise(follower.actor, "log:read", project);
  const isWanted = isOf(wanted);
  const fits = (event: Event) => event.type === "VERSION_PROMOTED" && isWanted(event) && isAny(stage, event.stage);
  return follow(follower, after, where(follower.actor, ["promotions", which], fits));
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
  const fits = (event: Event) => runTypes.has(event.type) && isWanted(event) && isAny(run, event.runId);
  return follow(follower, after, where(follower.actor, ["runs", project, run], fits));
};

/** Follows newer versions of the artifacts upstream of a version. */
export const followUpstream = async (follower: Follower, { of, after }: { of: string; after?: string | null }) => {
  const { deps, actor, upstreams } = follower;
  const version = (await resolveReferences(deps.graph.read, actor, [{ text: of, field: "of" }])).get(of);
  if (!version) throw notFound(`of: version ${of}`);
  authorise(actor, "log:read", version.project);
  const { outdating, end } = upstreams.watch(version.id);
  const select: Select = (events) => outdating(readableBy(actor, events));
  return follow(follower, after, select, end).catch((error: unknown) => {
    end();
    throw error;
  });
};
