import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { AliasHolder, Artifact } from "../../model/artifact.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { Approval } from "../../model/gate.ts";
import type { Project } from "../../model/project.ts";
import type { KeyValue, Link, Version } from "../../model/version.ts";
import { nullable, type Params, type Statement, statement } from "../../ports/statement.ts";
import { artifactRow, toArtifact } from "../core/artifact-row.ts";
import { type AsOf, asOfParam, withAsOf } from "../core/as-of.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { type StoredFile, storedFile } from "../core/digest.ts";
import { executionRow, toExecution } from "../core/execution-row.ts";
import { may, readableProjects } from "../core/permissions.ts";
import { projectRow, toProject } from "../core/project-row.ts";
import { toVersion, type VersionRow, versionRow } from "../core/version-row.ts";

const ids = v.array(v.string());
const id = v.string();

const approvalValue = v.object({
  stage: v.string(),
  actor: v.string(),
  role: nullable(v.string()),
  comment: nullable(v.string()),
  at: v.number(),
});

const tagsOf = statement({ name: "field/tags", params: { ids, asOf: asOfParam }, row: { id, value: v.string() } });
const labelsOf = statement({
  name: "field/labels",
  params: { ids },
  row: { id, value: v.object({ key: v.string(), value: v.string() }) },
});
const aliasesOf = statement({
  name: "field/aliases",
  params: { ids, asOf: asOfParam },
  row: { id, value: v.string() },
});
const stagesOf = statement({ name: "field/stages", params: { ids, asOf: asOfParam }, row: { id, value: v.string() } });
const approvalsOf = statement({ name: "field/approvals", params: { ids }, row: { id, value: approvalValue } });
const filesOf = statement({ name: "field/files", params: { ids }, row: { id, value: storedFile } });
const linksOf = statement({
  name: "field/links",
  params: { ids, asOf: asOfParam },
  row: { id, value: v.object({ rel: v.string(), version: versionRow }) },
});
const producersOf = statement({
  name: "field/producer",
  params: { ids, projects: v.nullable(v.array(v.string())) },
  row: { id, value: executionRow },
});
const latestOf = statement({ name: "field/latest", params: { ids, asOf: asOfParam }, row: { id, value: versionRow } });
const holdersOf = statement({
  name: "field/holders",
  params: { ids, asOf: asOfParam },
  row: { id, value: v.object({ alias: v.string(), version: versionRow }) },
});
const artifactsByKey = statement({ name: "field/artifacts", params: { ids }, row: { id, value: artifactRow } });
const projectsByName = statement({ name: "field/projects", params: { ids }, row: { id, value: projectRow } });

type Graph = Pick<Ports, "graph">;
type FieldStatement<P, R> = Statement<P, { id: string; value: R }>;

/** The values of a field for each of many ids, in one statement: a list for each id, in the order of the ids. */
async function findLists<P extends Params & { ids: string[] }, R>(
  { graph }: Graph,
  field: FieldStatement<P, R>,
  params: P,
): Promise<R[][]> {
  const rows = await graph.read(field, { ...params, ids: [...new Set(params.ids)] });
  const byId = groupBy(rows, (row) => row.id);
  return params.ids.map((item) => (byId.get(item) ?? []).map((row) => row.value));
}

/** The only value of a field for each of many ids, null where there is none. */
async function findValues<P extends Params & { ids: string[] }, R>(
  ports: Graph,
  field: FieldStatement<P, R>,
  params: P,
): Promise<(R | null)[]> {
  return (await findLists(ports, field, params)).map(([value]) => value ?? null);
}

function sortBy<T>(items: T[], key: (item: T) => string): T[] {
  return items.sort((a, b) => compareText(key(a), key(b)));
}

function toVersionAsOf(row: VersionRow, asOf: AsOf): Version {
  return toVersion(withAsOf(row, asOf));
}

/** Finds the tags of versions, artifacts and runs by id, in alphabetical order. */
export async function findTags(ports: Graph, entityIds: readonly string[], asOf: AsOf = null): Promise<string[][]> {
  return (await findLists(ports, tagsOf, { ids: [...entityIds], asOf })).map((tags) => tags.sort(compareText));
}

/** Finds the labels of versions by id, in the order of their keys. */
export async function findLabels(ports: Graph, versionIds: readonly string[]): Promise<KeyValue[][]> {
  const lists = await findLists(ports, labelsOf, { ids: [...versionIds] });
  return lists.map((labels) => sortBy(labels, (label) => label.key));
}

/** Finds the aliases of versions by id, in alphabetical order. */
export async function findAliases(ports: Graph, versionIds: readonly string[], asOf: AsOf = null): Promise<string[][]> {
  const lists = await findLists(ports, aliasesOf, { ids: [...versionIds], asOf });
  return lists.map((aliases) => aliases.sort(compareText));
}

/** Finds the stages that versions are in, by id; null for none. */
export function findStagesOfVersions(
  ports: Graph,
  versionIds: readonly string[],
  asOf: AsOf = null,
): Promise<(string | null)[]> {
  return findValues(ports, stagesOf, { ids: [...versionIds], asOf });
}

/** Finds the approvals of versions by id, in the order of stage and actor. */
export async function findApprovals(ports: Graph, versionIds: readonly string[]): Promise<Approval[][]> {
  const lists = await findLists(ports, approvalsOf, { ids: [...versionIds] });
  return lists.map((approvals) => sortBy(approvals, ({ stage, actor }) => `${stage} ${actor}`));
}

/** Finds the files of versions by id, in the order of their paths. */
export async function findFiles(ports: Graph, versionIds: readonly string[]): Promise<StoredFile[][]> {
  const lists = await findLists(ports, filesOf, { ids: [...versionIds] });
  return lists.map((files) => sortBy(files, (file) => file.path));
}

/** Finds the links of versions by id, in the order of `rel`, without those to versions that the actor may not read. */
export async function findLinks(
  { ports, actor }: RequestContext,
  versionIds: readonly string[],
  asOf: AsOf = null,
): Promise<Link[][]> {
  const lists = await findLists(ports, linksOf, { ids: [...versionIds], asOf });
  return lists.map((rows) => {
    const readable = rows.filter(({ version }) => may(actor, "project:read", version.project));
    const links = readable.map(({ rel, version }) => ({ rel, version: toVersionAsOf(version, asOf) }));
    return sortBy(links, (link) => `${link.rel} ${link.version.uri}`);
  });
}

/** Finds the run or step that counts as the producer of each version: of those that the actor may read the first that completed, else the first. */
export async function findProducers(
  { ports, actor }: RequestContext,
  versionIds: readonly string[],
): Promise<(Run | Step | null)[]> {
  const params = { ids: [...versionIds], projects: readableProjects(actor) };
  return (await findValues(ports, producersOf, params)).map((row) => row && toExecution(row));
}

/** Finds the newest version of artifacts by key, of those that have not been deleted; null for none. */
export async function findLatestVersions(
  ports: Graph,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<(Version | null)[]> {
  const rows = await findValues(ports, latestOf, { ids: [...keys], asOf });
  return rows.map((row) => row && toVersionAsOf(row, asOf));
}

/** Finds the aliases of artifacts by key with the versions that hold them, in alphabetical order. */
export async function findAliasHolders(
  ports: Graph,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<AliasHolder[][]> {
  const lists = await findLists(ports, holdersOf, { ids: [...keys], asOf });
  return lists.map((rows) =>
    sortBy(
      rows.map(({ alias, version }) => ({ alias, version: toVersionAsOf(version, asOf) })),
      (holder) => holder.alias,
    ),
  );
}

/** Finds artifacts by key; null for one that does not exist. */
export async function findArtifacts(
  ports: Graph,
  keys: readonly string[],
  asOf: AsOf = null,
): Promise<(Artifact | null)[]> {
  const rows = await findValues(ports, artifactsByKey, { ids: [...keys] });
  return rows.map((row) => row && toArtifact(withAsOf(row, asOf)));
}

/** Finds projects by name; null for one that does not exist. */
export async function findProjects(ports: Graph, names: readonly string[]): Promise<(Project | null)[]> {
  const rows = await findValues(ports, projectsByName, { ids: [...names] });
  return rows.map((row) => row && toProject(row));
}
