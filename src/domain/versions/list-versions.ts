import type { Artifact, KindCount } from "../../model/artifact.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Run } from "../../model/execution.ts";
import type { ArtifactFilter, RunFilter, VersionFilter } from "../../model/filters.ts";
import type { ArtifactOrder, RunOrder, VersionOrder } from "../../model/order.ts";
import type { Project } from "../../model/project.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { type Actor, readableProjects } from "../core/permissions.ts";
import {
  type ArtifactRow,
  type ExecutionRow,
  type ProjectRow,
  toArtifact,
  toProject,
  toRun,
  toVersion,
  type VersionRow,
} from "../core/rows.ts";
import { staleField } from "../lineage/stale-filter.ts";
import { type FilterFields, mentions, property } from "../query/filter-compiler.ts";
import { alias, execution, labels, latest, stage, tag, text, valuesByKey } from "../query/filter-fields.ts";
import { type Listing, list, readFiltered } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

function properties(...names: string[]): FilterFields {
  return Object.fromEntries(names.map((name) => [name, property(`item.${name}`)]));
}

const versionFields: FilterFields = {
  ...properties(
    "project",
    "artifact",
    "kind",
    "number",
    "versionName",
    "state",
    "author",
    "createdAt",
    "updatedAt",
    "size",
    "digest",
  ),
  tag,
  text,
  alias,
  stage,
  labels,
  latest,
  metadata: valuesByKey("HAS_METADATA"),
  producedBy: execution("produced-by"),
  consumedBy: execution("consumed-by"),
};
const artifactFields = { ...properties("project", "name", "kind", "createdAt", "updatedAt"), tag, text };
const runFields = {
  ...properties("project", "pipeline", "name", "key", "status", "author", "startedAt", "endedAt"),
  tag,
  text,
  parameters: valuesByKey("HAS_PARAMETER"),
  metrics: valuesByKey("HAS_METRIC"),
  metadata: valuesByKey("HAS_METADATA"),
};

function checkedFilter(filter: VersionFilter | null | undefined): VersionFilter {
  const given = filter ?? {};
  return mentions(given, "state") ? given : { and: [given], state: { eq: "READY" } };
}

/** Versions that fit, newest first unless asked otherwise; only READY ones unless the filter speaks of the state. */
export async function listVersions(
  context: RequestContext,
  filter: VersionFilter | null | undefined,
  order: VersionOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Version>> {
  const projects = readableProjects(context.actor);
  const stale = await staleField(context, filter ?? {});
  const listing: Listing = {
    noun: "version",
    filter: checkedFilter(filter),
    fields: { ...versionFields, stale },
    order: orderBy(order),
    orderName: order,
    projects,
  };
  return list<VersionRow, Version>(context.ports, listing, page, toVersion);
}

function artifactListing(
  actor: Actor,
  filter: ArtifactFilter | null | undefined,
  order: ArtifactOrder[] | null = null,
): Listing {
  return {
    noun: "artifact",
    filter: filter ?? {},
    fields: artifactFields,
    order: orderBy(order),
    orderName: order,
    projects: readableProjects(actor),
  };
}

/** Artifacts that fit, newest first unless asked otherwise. */
export function listArtifacts(
  context: RequestContext,
  filter: ArtifactFilter | null | undefined,
  order: ArtifactOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Artifact>> {
  return list<ArtifactRow, Artifact>(
    context.ports,
    artifactListing(context.actor, filter, order ?? null),
    page,
    toArtifact,
  );
}

/** How many artifacts that fit are of each kind, kinds alphabetically. */
export function countKinds(context: RequestContext, filter: ArtifactFilter | null | undefined): Promise<KindCount[]> {
  return readFiltered<KindCount>(context.ports, "list/kinds", artifactListing(context.actor, filter));
}

/** Runs that fit, newest first unless asked otherwise. */
export function listRuns(
  context: RequestContext,
  filter: RunFilter | null | undefined,
  order: RunOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Run>> {
  const projects = readableProjects(context.actor);
  const listing: Listing = {
    noun: "run",
    filter: filter ?? {},
    fields: runFields,
    order: orderBy(order),
    orderName: order,
    projects,
  };
  return list<ExecutionRow, Run>(context.ports, listing, page, toRun);
}

/** Projects that the actor may read, by name. */
export function listProjects(context: RequestContext, page: PageArgs): Promise<Connection<Project>> {
  const order = () => ({ terms: [{ operand: "item.name", descending: false }] });
  const listing: Listing = {
    noun: "project",
    filter: {},
    fields: {},
    order,
    orderName: null,
    projects: readableProjects(context.actor),
    projectOperand: "item.name",
  };
  return list<ProjectRow, Project>(context.ports, listing, page, toProject);
}
