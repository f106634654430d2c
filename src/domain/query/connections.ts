import { fillTemplate } from "../../lib/cypher-files.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Statement } from "../../ports/statement.ts";
import { type AsOf, withAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { getCursorScope, type Keys, parsePage, toConnection } from "./cursor-page.ts";

/** What hangs on a parent and is paged: what belongs to an artifact by its key, the others by the parent's id. */
export type Relation =
  | "inputs"
  | "outputs"
  | "producers"
  | "consumers"
  | "steps"
  | "children"
  | "versions"
  | "aliasHistory"
  | "deliveries"
  | "promotions"
  | "artifactPromotions";

/** One item of a relation, with the slot and role of the edge where it has any. */
export interface RelatedRow<R> {
  parent: string;
  rank: string | number;
  slot: string;
  role: string;
  item: R;
}

type PageParams = {
  parents: string[];
  projects: string[] | null;
  /** Only this alias, in the history of aliases. */
  alias: string | null;
  asOf: AsOf;
  cursor: string | number | null;
  limit: number;
};

/** Histories are told from their end. */
const newestFirst: readonly Relation[] = ["aliasHistory", "deliveries", "promotions", "artifactPromotions"];

/** What of a relation is asked for: as of a time, and with `alias` only the history of one. */
export interface RelatedScope {
  alias?: string | null;
  asOf?: AsOf;
}
export type RelatedPage = PageArgs & RelatedScope;

function pageStatement<R>(relation: Relation, descending: boolean): Statement<PageParams, RelatedRow<R>> {
  return {
    name: `connection/${relation}`,
    text: fillTemplate("connection/page", {
      relation: fillTemplate(`connection/${relation}`, {}),
      beyond: descending ? "<" : ">",
      direction: descending ? "DESC" : "ASC",
    }),
  };
}

function countStatement(
  relation: Relation,
): Statement<Omit<PageParams, "cursor" | "limit">, { parent: string; count: number }> {
  return {
    name: `connection/count-${relation}`,
    text: fillTemplate("connection/count", { relation: fillTemplate(`connection/${relation}`, {}) }),
  };
}

/** How many a relation has for each parent, in one statement; only what the actor may read. */
export async function countRelated(
  context: RequestContext,
  relation: Relation,
  { alias = null, asOf = null }: RelatedScope,
  parents: readonly string[],
): Promise<number[]> {
  const params = { parents: [...parents], projects: readableProjects(context.actor), alias, asOf };
  const rows = await context.ports.graph.read(countStatement(relation), params);
  const counts = new Map(rows.map((row) => [row.parent, row.count]));
  return parents.map((parent) => counts.get(parent) ?? 0);
}

/** One page of a relation for each parent, in one statement; what the actor may not read is left out. `counts` answers `totalCount`. */
export async function findRelatedPages<R, T>(
  context: RequestContext,
  relation: Relation,
  parents: readonly string[],
  args: RelatedPage,
  to: (row: RelatedRow<R>) => T,
  counts: (parent: string) => Promise<number>,
): Promise<Connection<T>[]> {
  const { alias = null, asOf = null } = args;
  const scopes = parents.map((parent) => getCursorScope(relation, parent, alias, asOf));
  // A cursor belongs to one parent; asked of several at once it can only be another's for the rest.
  const pages = scopes.map((scope) => parsePage(args, scope));
  const [first] = pages;
  if (!first) return [];
  const cursor = (first.cursor as Keys | null)?.[0] ?? null;
  const descending = first.backward !== newestFirst.includes(relation);
  const rows = await context.ports.graph.read(pageStatement<R>(relation, descending), {
    parents: [...parents],
    projects: readableProjects(context.actor),
    alias,
    asOf,
    cursor,
    limit: first.limit + 1,
  });
  const byParent = groupBy(rows, (row) => row.parent);
  const direction = descending ? -1 : 1;
  return parents.map((parent, i) => {
    const sorted = (byParent.get(parent) ?? []).sort((a, b) => (a.rank < b.rank ? -direction : direction));
    const related = sorted.map((row) => ({ keys: [row.rank], node: to({ ...row, item: withAsOf(row.item, asOf) }) }));
    return toConnection(related, first, scopes[i] ?? "", () => counts(parent));
  });
}
