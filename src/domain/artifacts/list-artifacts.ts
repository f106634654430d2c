import * as v from "valibot";
import type { Artifact, KindCount } from "../../model/artifact.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import { Kind } from "../../model/enums.ts";
import type { ArtifactFilter } from "../../model/filters.ts";
import type { ArtifactOrder } from "../../model/order.ts";
import { artifactRow, toArtifact } from "../core/artifact-row.ts";
import type { RequestContext } from "../core/context.ts";
import { type Actor, readableProjects } from "../core/permissions.ts";
import { propertyFields, tag, text } from "../query/filter-fields.ts";
import { list, readFiltered } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

const artifactFields = { ...propertyFields("project", "name", "kind", "createdAt", "updatedAt"), tag, text };

const artifactNoun = {
  name: "artifact",
  label: "Artifact",
  row: artifactRow,
  visible: "item.deletedAt IS NULL",
  ordered: "item.createdAt IS NOT NULL",
} as const;
const kindCountRow = { kind: v.enum(Kind), count: v.number() };

function artifactListing(
  actor: Actor,
  filter: ArtifactFilter | null | undefined,
  order: ArtifactOrder[] | null = null,
) {
  return {
    noun: artifactNoun,
    filter: filter ?? {},
    fields: artifactFields,
    order: orderBy(order),
    orderInput: order,
    projects: readableProjects(actor),
  };
}

/** Artifacts that match a filter, newest first by default. */
export function listArtifacts(
  context: RequestContext,
  filter: ArtifactFilter | null | undefined,
  order: ArtifactOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Artifact>> {
  return list(context.ports, artifactListing(context.actor, filter, order ?? null), page, toArtifact);
}

/** The number of artifacts of each kind that match a filter, by kind in alphabetical order. */
export function countKinds(context: RequestContext, filter: ArtifactFilter | null | undefined): Promise<KindCount[]> {
  return readFiltered(context.ports, "list/kinds", kindCountRow, artifactListing(context.actor, filter));
}
