import type { Connection, PageArgs } from "../../model/connection.ts";
import type { VersionFilter } from "../../model/filters.ts";
import type { VersionOrder } from "../../model/order.ts";
import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { toVersion, versionRow } from "../core/version-row.ts";
import { createStaleField } from "../lineage/stale-filter.ts";
import { type FilterFields, mentionsField } from "../query/filter-compiler.ts";
import {
  alias,
  executionField,
  labels,
  latest,
  leavesField,
  propertyFields,
  stage,
  tag,
  text,
} from "../query/filter-fields.ts";
import { list } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

const versionFields: FilterFields = {
  ...propertyFields(
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
  metadata: leavesField("HAS_METADATA"),
  producedBy: executionField("produced-by"),
  consumedBy: executionField("consumed-by"),
};

const versionNoun = {
  name: "version",
  label: "Version",
  row: versionRow,
  ordered: "item.createdAt IS NOT NULL",
} as const;

/** A filter that doesn't mention the state keeps only READY versions. */
function withDefaultState(filter: VersionFilter | null | undefined): VersionFilter {
  const given = filter ?? {};
  return mentionsField(given, "state") ? given : { and: [given], state: { eq: "READY" } };
}

/** Versions that match a filter, newest first by default; only READY ones unless the filter mentions the state. */
export async function listVersions(
  context: RequestContext,
  filter: VersionFilter | null | undefined,
  order: VersionOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Version>> {
  const stale = await createStaleField(context, filter ?? {});
  const listing = {
    noun: versionNoun,
    filter: withDefaultState(filter),
    fields: { ...versionFields, stale },
    order: orderBy(order),
    orderInput: order,
    projects: readableProjects(context.actor),
  };
  return list(context.ports, listing, page, toVersion);
}
