import type { Artifact, KindCount } from "../../model/artifact.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import type { ArtifactFilter } from "../../model/filters.ts";
import type { ArtifactOrder } from "../../model/order.ts";
import type { RequestContext } from "../core/context.ts";
import { type Actor, readableProjects } from "../core/permissions.ts";
import { type ArtifactRow, toArtifact } from "../core/rows.ts";
import { properties, tag, text } from "../query/filter-fields.ts";
import { type Listing, list, readFiltered } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

const artifactFields = { ...properties("project", "name", "kind", "createdAt", "updatedAt"), tag, text };

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
