import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { AliasHolder, Artifact } from "../../model/artifact.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { Approval } from "../../model/gate.ts";
import type { Project } from "../../model/project.ts";
import type { KeyValue, Link, Version } from "../../model/version.ts";
import { type Statement, statement } from "../../ports/statement.ts";
import { type ArtifactRow, toArtifact } from "../core/artifact-row.ts";
import { type AsOf, withAsOf } from "../core/as-of.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { type ExecutionRow, toExecution } from "../core/execution-row.ts";
import { may, readableProjects } from "../core/permissions.ts";
import { type ProjectRow, toProject } from "../core/project-row.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";

type Of<R> = Statement<{ ids: string[]; asOf: AsOf }, { id: string; value: R }>;
const statements = {
  tags: statement("field/tags") as Of<string>,
  labels: statement("field/labels") as Of<KeyValue>,
  aliases: statement("field/aliases") as Of<string>,
  stages: statement("field/stages") as Of<string>,
  approvals: statement("field/approvals") as Of<Approval>,
  files: statement("field/files") as Of<StoredFile>,
  links: statement("field/links") as Of<{ rel: string; version: VersionRow }>,
  latest: statement("field/latest") as Of<VersionRow>,
  holders: statement("field/holders") as Of<{ alias: string; version: VersionRow }>,
  artifacts: statement("field/artifacts") as Of<ArtifactRow>,
  projects: statement("field/projects") as Of<ProjectRow>,
};

/** What belongs to each of many ids at a time, in one statement: a list for each id, in its order. */
async function findMany<R, T>(
  ports: Pick<Ports, "graph">,
  query: Of<R>,
  ids: readonly string[],
  asOf: AsOf,
  to: (value: R) => T,
  key: (item: T) => string,
): Promise<T[][]> {
  const rows = groupBy(await ports.graph.read(query, { ids: [...new Set(ids)], asOf }), (row) => row.id);
  return ids.map((id) => (rows.get(id) ?? []).map((row) => to(row.value)).sort((a, b) => compareText(key(a), key(b))));
}

async function findOne<R, T>(
  ports: Pick<Ports, "graph">,
  query: Of<R>,
  ids: readonly string[],
  asOf: AsOf,
  to: (value: R) => T,
): Promise<(T | null)[]> {
  return (await findMany(ports, query, ids, asOf, to, () => "")).map(([item]) => item ?? null);
}

function self<T>(value: T): T {
  return value;
}
function versionSeen(row: VersionRow, asOf: AsOf): Version {
  return toVersion(withAsOf(row, asOf));
}

/** The tags of versions, artifacts or runs by id, alphabetically. */
export function findTags(ports: Pick<Ports, "graph">, ids: readonly string[], asOf: AsOf = null): Promise<string[][]> {
  return findMany(ports, statements.tags, ids, asOf, self, self);
}

/** The labels of versions by id, by key. */
export function findLabels(ports: Pick<Ports, "graph">, ids: readonly string[]): Promise<KeyValue[][]> {
  return findMany(ports, statements.labels, ids, null, self, (label) => label.key);
}

/** The aliases of versions by id, alphabetically. */
export function findAliases(
  ports: Pick<Ports, "graph">,
  ids: readonly string[],
  asOf: AsOf = null,
): Promise<string[][]> {
  return findMany(ports, statements.aliases, ids, asOf, self, self);
}

/** The stage that each version is in; null for none. */
export function findStagesOfVersions(
  ports: Pick<Ports, "graph">,
  ids: readonly string[],
  asOf: AsOf = null,
): Promise<(string | null)[]> {
  return findOne(ports, statements.stages, ids, asOf, self);
}

/** The approvals of versions by id, by stage, then by actor. */
export function findApprovals(ports: Pick<Ports, "graph">, ids: readonly string[]): Promise<Approval[][]> {
  return findMany(ports, statements.approvals, ids, null, self, ({ stage, actor }) => `${stage} ${actor}`);
}

/** The files of versions by id, by path. */
export function findFiles(ports: Pick<Ports, "graph">, ids: readonly string[]): Promise<StoredFile[][]> {
  return findMany(ports, statements.files, ids, null, self, (file) => file.path);
}

/** The links of versions by id, by what they are; those to versions that the actor may not read are left out. */
export async function findLinks(context: RequestContext, ids: readonly string[], asOf: AsOf = null): Promise<Link[][]> {
  const to = ({ rel, version }: { rel: string; version: VersionRow }): Link => ({
    rel,
    version: versionSeen(version, asOf),
  });
  const all = await findMany(
    context.ports,
    statements.links,
    ids,
    asOf,
    to,
    (link) => `${link.rel} ${link.version.uri}`,
  );
  return all.map((links) => links.filter((link) => may(context.actor, "project:read", link.version.projectName)));
}

const producer = statement<{ ids: string[]; projects: string[] | null }, { id: string; value: ExecutionRow }>(
  "field/producer",
);

/** The run or step that counts as the producer of versions by id, of those that the actor may read: the first that completed, else the first. */
export async function findProducers(context: RequestContext, ids: readonly string[]): Promise<(Run | Step | null)[]> {
  const rows = await context.ports.graph.read(producer, {
    ids: [...new Set(ids)],
    projects: readableProjects(context.actor),
  });
  const found = new Map(rows.map(({ id, value }) => [id, toExecution(value)]));
  return ids.map((id) => found.get(id) ?? null);
}

/** The newest version of artifacts by key; null where none is there. */
export function findLatestVersions(
  ports: Pick<Ports, "graph">,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<(Version | null)[]> {
  return findOne(ports, statements.latest, keys, asOf, (row) => versionSeen(row, asOf));
}

/** The aliases of artifacts by key with their holders, alphabetically. */
export function findAliasHolders(
  ports: Pick<Ports, "graph">,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<AliasHolder[][]> {
  return findMany(
    ports,
    statements.holders,
    keys,
    asOf,
    ({ alias, version }) => ({ alias, version: versionSeen(version, asOf) }),
    (holder) => holder.alias,
  );
}

/** Artifacts by key; null for what isn't there. */
export function findArtifacts(
  ports: Pick<Ports, "graph">,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<(Artifact | null)[]> {
  return findOne(ports, statements.artifacts, keys, asOf, (row) => toArtifact(withAsOf(row, asOf)));
}

/** Projects by name; null for what isn't there. */
export function findProjects(ports: Pick<Ports, "graph">, names: readonly string[]): Promise<(Project | null)[]> {
  return findOne(ports, statements.projects, names, null, toProject);
}
