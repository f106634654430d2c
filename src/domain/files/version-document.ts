import type { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { findRelatedPages, type RelatedRow } from "../query/connections.ts";
import { findAliases, findFiles, findLabels, findLinks, findStagesOfVersions, findTags } from "../query/fields.ts";
import { producers as producersOf } from "../query/relations.ts";
import { toTimestamp } from "./timestamp.ts";

const maxProducers = 500;

function toProducer({ item, slot, role }: RelatedRow<ExecutionRow>) {
  const { id, label, name, status, parameters, metrics, code, environment, startedAt, endedAt } = toExecution(item);
  return {
    id,
    type: label,
    name,
    run: item.runId,
    runName: item.runName,
    pipeline: item.pipeline ?? null,
    slot,
    role,
    status,
    parameters,
    metrics,
    code,
    environment,
    startedAt: toTimestamp(startedAt),
    endedAt: toTimestamp(endedAt),
  };
}

/** Everything that is known about a version, its files and its producers as a single JSON object with RFC 3339 times. */
export async function loadVersionDocument(context: RequestContext, version: Version): Promise<Record<string, unknown>> {
  const ids = [version.id];
  const noCount = async () => 0;
  const [[tags], [labels], [aliases], [stage], [files], [links], [producers]] = await Promise.all([
    findTags(context.ports, ids),
    findLabels(context.ports, ids),
    findAliases(context.ports, ids),
    findStagesOfVersions(context.ports, ids),
    findFiles(context.ports, ids),
    findLinks(context, ids),
    findRelatedPages(context, { ...producersOf, to: toProducer }, ids, { first: maxProducers }, noCount),
  ]);
  return {
    id: version.id,
    uri: version.uri,
    project: version.projectName,
    name: version.artifactName,
    kind: version.kind,
    number: version.number,
    state: version.state,
    author: version.author,
    versionName: version.versionName,
    description: version.description,
    createdAt: toTimestamp(version.createdAt),
    updatedAt: toTimestamp(version.updatedAt),
    iteration: version.iteration,
    tags,
    labels: Object.fromEntries((labels ?? []).map(({ key, value }) => [key, value])),
    aliases,
    stage,
    size: version.size,
    digest: version.digest,
    location: version.location,
    etag: version.etag,
    files: files?.map(({ path, digest, size }) => ({ path, digest, size })),
    metadata: version.metadata,
    attributes: version.attributes,
    dataset: version.dataset,
    model: version.model,
    links: links?.map((link) => ({ rel: link.rel, version: link.version.uri })),
    producers: producers?.edges.map((edge) => edge.node),
  };
}
