import DataLoader from "dataloader";
import type { AsOf } from "../domain/core/as-of.ts";
import type { Ports, RequestContext } from "../domain/core/context.ts";
import { type Entity, getColumnsFor, loadEntities } from "../domain/core/entities.ts";
import { findLineages, type LineageQuery } from "../domain/lineage/lineage.ts";
import { findStageHolders, type StageHoldersQuery } from "../domain/promotion/stage-holders.ts";
import { countRelated, findRelatedPages, type RelatedRow, type Relation } from "../domain/query/connections.ts";
import { findAliases, findAliasHolders, findApprovals, findArtifacts, findFiles, findLabels, findLatestVersions, findLinks, findProjects, findStagesOfVersions, findTags } from "../domain/query/fields.ts";
import { countMetricPoints, findMetricHistories } from "../domain/runs/metric-history.ts";
import { canonicalJson, contentHash } from "../lib/canonical-json.ts";
import type { Connection, PageArgs } from "../model/connection.ts";
import type { Execution } from "../model/execution.ts";
import type { Lineage } from "../model/lineage.ts";
import { createEntityLookups } from "./lookups.ts";

function batched<T>(load: (keys: readonly string[]) => Promise<T[]>) {
  return new DataLoader<string, T>(load);
}

/** Loaders of connections: one for each relation and page, so that the same page of many parents is one statement. */
function relatedLoaders(context: RequestContext, asOf: AsOf) {
  const counters = new Map<string, DataLoader<string, number>>();
  const pages = new Map<string, DataLoader<string, Connection<unknown>>>();

  const countOf = (relation: Relation, alias: string | null) => {
    const key = `${relation} ${alias}`;
    const scope = { alias, asOf };
    const loader = counters.get(key) ?? batched((parents) => countRelated(context, relation, scope, parents));
    counters.set(key, loader);
    return loader;
  };

  return <R, T>(
    relation: Relation,
    parent: string,
    args: PageArgs & { alias?: string | null },
    to: (row: RelatedRow<R>) => T,
  ) => {
    const key = `${relation} ${contentHash(args)}`;
    const page = { ...args, asOf };
    const counts = (id: string) => countOf(relation, args.alias ?? null).load(id);
    const loader =
      pages.get(key) ?? batched((parents) => findRelatedPages<R, T>(context, relation, parents, page, to, counts));
    pages.set(key, loader as DataLoader<string, Connection<unknown>>);
    return loader.load(parent) as Promise<Connection<T>>;
  };
}

/** Loaders of the histories of metrics: one for each key and page, so that the same page of many executions is one statement. */
function metricLoaders(ports: Pick<Ports, "graph">) {
  const loaders = new Map<string, DataLoader<Execution, unknown>>();
  const loader = <T>(name: string, load: (executions: readonly Execution[]) => Promise<T[]>) => {
    const found = loaders.get(name) ?? new DataLoader<Execution, unknown>(load);
    loaders.set(name, found);
    return found as DataLoader<Execution, T>;
  };
  return (execution: Execution, key: string, page: PageArgs) => {
    const count = (of: Execution) => loader(`count ${key}`, (all) => countMetricPoints(ports, all, key)).load(of);
    const name = `page ${contentHash(page)} ${key}`;
    return loader(name, (all) => findMetricHistories(ports, all, key, page, count)).load(execution);
  };
}

/** Loaders of lineages: one for each question, so that the same of many versions is one walk. */
function lineageLoaders(context: RequestContext) {
  const loaders = new Map<string, DataLoader<string, Lineage>>();
  return (version: string, question: LineageQuery): Promise<Lineage> => {
    const key = contentHash(question);
    const walk = (ids: readonly string[]) =>
      findLineages(
        context,
        ids.map((id) => [id]),
        question,
      );
    const loader = loaders.get(key) ?? batched(walk);
    loaders.set(key, loader);
    return loader.load(version);
  };
}

/** Loaders of things by id: one for each set of their properties that suffices, null for all of them. */
function entityLoaders(ports: Pick<Ports, "graph">, asOf: AsOf) {
  const loaders = new Map<string, DataLoader<string, Entity | null>>();
  return (columns: string[] | null) => {
    const key = String(columns);
    const load = async (ids: readonly string[]) => {
      const found = await loadEntities(ports, ids, asOf, columns);
      return ids.map((id) => found.get(id) ?? null);
    };
    const loader = loaders.get(key) ?? new DataLoader(load);
    loaders.set(key, loader);
    return loader;
  };
}

/** The loaders that answer as of one time; what they load remembers it. */
function loadersAsOf(context: RequestContext, asOf: AsOf) {
  const thingsWith = entityLoaders(context.ports, asOf);
  const things = thingsWith(null);
  const projects = batched((names) => findProjects(context.ports, names));
  const artifacts = batched((keys) => findArtifacts(context.ports, keys, asOf));
  return {
    ...createEntityLookups(context.actor, { things, projects, artifacts }),
    /** One page of a relation of a parent. */
    related: relatedLoaders(context, asOf),
    /** One page of the points of an execution's metric. */
    metricHistory: metricLoaders(context.ports),
    things,
    /** Things by id of which nothing but these fields will be asked. */
    thingsWith: (fields: readonly string[]) => thingsWith(getColumnsFor(fields)),
    /** The lineage of a version. */
    lineage: lineageLoaders(context),
    projects,
    artifacts,
    tags: batched((ids) => findTags(context.ports, ids, asOf)),
    labels: batched((ids) => findLabels(context.ports, ids)),
    aliases: batched((ids) => findAliases(context.ports, ids, asOf)),
    approvals: batched((ids) => findApprovals(context.ports, ids)),
    stages: batched((ids) => findStagesOfVersions(context.ports, ids, asOf)),
    stageHolders: new DataLoader((asked: readonly StageHoldersQuery[]) => findStageHolders(context.ports, asked), {
      cacheKeyFn: canonicalJson,
    }),
    files: batched((ids) => findFiles(context.ports, ids)),
    links: batched((ids) => findLinks(context, ids, asOf)),
    latest: batched((keys) => findLatestVersions(context.ports, keys, asOf)),
    holders: batched((keys) => findAliasHolders(context.ports, keys, asOf)),
  };
}

/**
 * One batching loader for each field that a list of things can ask for, made anew for each request. They answer as of now; those of
 * `at(thing)` as of the time that the thing is looked at from.
 */
export function createLoaders(context: RequestContext) {
  const present = loadersAsOf(context, null);
  const past = new Map<number, typeof present>();
  return {
    ...present,
    at({ asOf = null }: { asOf?: AsOf }) {
      if (asOf === null) return present;
      const loaders = past.get(asOf) ?? loadersAsOf(context, asOf);
      past.set(asOf, loaders);
      return loaders;
    },
  };
}
export type Loaders = ReturnType<typeof createLoaders>;
