import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { findRelatedPages, type RelatedRow } from "../query/connections.ts";
import { findAliases, findFiles, findLabels, findLinks, findStagesOfVersions, findTags } from "../query/fields.ts";

function time(at: number | null | undefined): string | null {
  return at ? new Date(at).toISOString() : null;
}

function toProducer({ item, slot, role }: RelatedRow<ExecutionRow>) {
  const { id, label, name, status, parameters, metrics, code, environment, startedAt, endedAt } = toExecution(item);
  const of = { run: item.runId, runName: item.runName, pipeline: item.pipeline ?? null };
  const times = { startedAt: time(startedAt), endedAt: time(endedAt) };
  return { id, type: label, name, ...of, slot, role, status, parameters, metrics, code, environment, ...times };
}

const most = 500;

/** Everything that is known of a version, as one JSON object: what it is, what it holds, and how it was made. Times are RFC 3339. */
export async function loadVersionDocument(context: RequestContext, version: Version): Promise<Record<string, unknown>> {
  const ids = [version.id];
  const producers = findRelatedPages(context, "producers", ids, { first: most }, toProducer, async () => 0);
  const [[tags], [labels], [aliases], [stage], [files], [links], [made]] = await Promise.all([
    findTags(context.ports, ids),
    findLabels(context.ports, ids),
    findAliases(context.ports, ids),
    findStagesOfVersions(context.ports, ids),
    findFiles(context.ports, ids),
    findLinks(context, ids),
    producers,
  ]);
  const { id, uri, projectName, artifactName, kind, number, versionName, state, description, author, iteration } =
    version;
  const { metadata, attributes, dataset, model, location, etag, size, digest } = version;
  return {
    ...{ id, uri, project: projectName, name: artifactName, kind, number, state, author },
    ...{ versionName: versionName ?? null, description: description ?? null },
    ...{ createdAt: time(version.createdAt), updatedAt: time(version.updatedAt), iteration: iteration ?? null },
    ...{ tags, labels: Object.fromEntries((labels ?? []).map(({ key, value }) => [key, value])), aliases, stage },
    ...{
      size: size ?? null,
      digest: digest ?? null,
      location: location ?? null,
      etag: etag ?? null,
      files: files?.map(({ path, digest: sha, size: bytes }) => ({ path, digest: sha, size: bytes })),
    },
    ...{ metadata, attributes, dataset, model },
    links: links?.map((link) => ({ rel: link.rel, version: link.version.uri })),
    producers: made?.edges.map((edge) => edge.node),
  };
}
