import DataLoader from "dataloader";
import type { ObjectEntries } from "valibot";
import type { AsOf } from "../domain/core/as-of.ts";
import type { Ports, RequestContext } from "../domain/core/context.ts";
import { type Entity, getColumnsFor, loadEntities } from "../domain/core/entities.ts";
import { findLineages, type LineageQuery } from "../domain/lineage/find-lineage.ts";
import { findStageChanges, type StageChangesQuery } from "../domain/promotion/stage-changes.ts";
import { findStageHolders, type StageHoldersQuery } from "../domain/promotion/stage-holders.ts";
import { countRelated, findRelatedPages, type Relation } from "../domain/query/connections.ts";
import {
  findAliases,
  findAliasHolders,
  findApprovals,
  findArtifacts,
  findFiles,
  findLabels,
  findLatestVersions,
  findLinks,
  findProjects,
  findStagesOfVersions,
  findTags,
} from "../domain/query/fields.ts";
import { countMetricPoints, findMetricHistories } from "../domain/runs/metric-history.ts";
import { canonicalJson, contentHash } from "../lib/canonical-json.ts";
import { getOrCreate } from "../lib/get-or-create.ts";
import type { Connection, PageArgs } from "../model/connection.ts";
import type { Execution } from "../model/execution.ts";
import type { Lineage } from "../model/lineage.ts";
import type { MetricPoint } from "../model/metric.ts";
import { createEntityLookups } from "./entity-lookups.ts";

function batched<T>(load: (keys: readonly string[]) => Promise<T[]>) {
  return new DataLoader<string, T>(load);
}

/** Creates loaders of connections: one for each relation and page, so that the same page of many parents is one statement. */
function relatedLoaders(context: RequestContext, asOf: AsOf) {
  const counters = new Map<string, DataLoader<string, number>>();
  const pages = new Map<string, DataLoader<string, Connection<unknown>>>();

  return <E extends ObjectEntries, T>(
    relation: Relation<E, T>,
    parent: string,
    args: PageArgs & { alias?: string | null },
  ) => {
    const { alias = null } = args;
    const counter = getOrCreate(counters, `${relation.name} ${alias}`, () =>
      batched((parents) => countRelated(context, relation, { alias, asOf }, parents)),
    );
    const count = (id: string) => counter.load(id);
    const page = getOrCreate(pages, `${relation.name} ${contentHash(args)}`, () =>
      batched<Connection<unknown>>((parents) => findRelatedPages(context, relation, parents, { ...args, asOf }, count)),
    );
    return page.load(parent) as Promise<Connection<T>>; // the key names the relation, whose items are T
  };
}

/** Creates loaders of metric histories: one for each key and page, so that the same page of many executions is one statement. */
function metricLoaders(ports: Pick<Ports, "graph">) {
  const counters = new Map<string, DataLoader<Execution, number>>();
  const pages = new Map<string, DataLoader<Execution, Connection<MetricPoint>>>();
  return (execution: Execution, metric: string, page: PageArgs) => {
    const counter = getOrCreate(counters, metric, () => new DataLoader((all) => countMetricPoints(ports, all, metric)));
    const count = (of: Execution) => counter.load(of);
    return getOrCreate(
      pages,
      `${contentHash(page)} ${metric}`,
      () => new DataLoader((all) => findMetricHistories(ports, all, metric, page, count)),
    ).load(execution);
  };
}

/** Creates loaders of lineages: one for each query, so that the same query for many versions is one walk. */
function lineageLoaders(context: RequestContext) {
  const loaders = new Map<string, DataLoader<string, Lineage>>();
  return (version: string, query: LineageQuery): Promise<Lineage> => {
    const key = contentHash(query);
    const walk = (ids: readonly string[]) =>
      findLineages(
        context,
        ids.map((id) => [id]),
        query,
      );
    return getOrCreate(loaders, key, () => batched(walk)).load(version);
  };
}

/** Creates loaders of entities by id: one for each set of properties that suffices, null for all properties. */
function entityLoaders(ports: Pick<Ports, "graph">, asOf: AsOf) {
  const loaders = new Map<string, DataLoader<string, Entity | null>>();
  return (columns: string[] | null) => {
    const key = String(columns);
    const load = async (ids: readonly string[]) => {
      const found = await loadEntities(ports, ids, asOf, columns);
      return ids.map((id) => found.get(id) ?? null);
    };
    return getOrCreate(loaders, key, () => new DataLoader(load));
  };
}

/** Creates the loaders for one time; the entities that they load carry it. */
function loadersAsOf(context: RequestContext, asOf: AsOf) {
  const entitiesWith = entityLoaders(context.ports, asOf);
  const entities = entitiesWith(null);
  const projects = batched((names) => findProjects(context.ports, names));
  const artifacts = batched((keys) => findArtifacts(context.ports, keys, asOf));
  return {
    ...createEntityLookups(context.actor, entities),
    /** One page of a relation of a parent. */
    related: relatedLoaders(context, asOf),
    /** One page of the points of an execution's metric. */
    metricHistory: metricLoaders(context.ports),
    entities,
    /** Entities by id, with no more properties than these fields need. */
    entitiesWith: (fields: readonly string[]) => entitiesWith(getColumnsFor(fields)),
    /** The lineage of a version. */
    lineage: lineageLoaders(context),
    projects,
    artifacts,
    tags: batched((ids) => findTags(context.ports, ids, asOf)),
    labels: batched((ids) => findLabels(context.ports, ids)),
    aliases: batched((ids) => findAliases(context.ports, ids, asOf)),
    approvals: batched((ids) => findApprovals(context.ports, ids)),
    stages: batched((ids) => findStagesOfVersions(context.ports, ids, asOf)),
    stageHolders: new DataLoader((queries: readonly StageHoldersQuery[]) => findStageHolders(context.ports, queries), {
      cacheKeyFn: canonicalJson,
    }),
    stageChanges: new DataLoader((queries: readonly StageChangesQuery[]) => findStageChanges(context.ports, queries), {
      cacheKeyFn: canonicalJson,
    }),
    files: batched((ids) => findFiles(context.ports, ids)),
    links: batched((ids) => findLinks(context, ids, asOf)),
    latest: batched((keys) => findLatestVersions(context.ports, keys, asOf)),
    holders: batched((keys) => findAliasHolders(context.ports, keys, asOf)),
  };
}

/**
 * Creates the batching loaders of one request, one for each field that is loaded for many entities together. They answer as of now; those of `at(entity)` as of
 * the time that the entity was loaded for.
 */
export function createLoaders(context: RequestContext) {
  const present = loadersAsOf(context, null);
  const past = new Map<number, typeof present>();
  return {
    ...present,
    at({ asOf = null }: { asOf?: AsOf }) {
      if (asOf === null) return present;
      return getOrCreate(past, asOf, () => loadersAsOf(context, asOf));
    },
  };
}
export type Loaders = ReturnType<typeof createLoaders>;
