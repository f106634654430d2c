import * as v from "valibot";
import { fillTemplate } from "../../lib/cypher-files.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import { builtStatement } from "../../ports/statement.ts";
import { type AsOf, withAsOf } from "../core/as-of.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { getCursorScope, parsePage, toConnection } from "./cursor-page.ts";

/** One item of a relation, with the slot and role of its edge, which are empty if it has none. */
export interface RelatedRow<R> {
  parent: string;
  rank: string | number;
  slot: string;
  role: string;
  item: R;
}

type RowOf<E extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<E, undefined>>;

/** Items that belong to each of many parents and are paged, such as the outputs of executions. */
export interface Relation<E extends v.ObjectEntries, T> {
  /** `connection/<name>` in cypher/query.cypher is the pattern that leads from a parent to its items. */
  name: string;
  row: v.ObjectSchema<E, undefined>;
  ascending: ReturnType<typeof pageStatement<E>>;
  descending: ReturnType<typeof pageStatement<E>>;
  count: ReturnType<typeof countStatement>;
  newestFirst: boolean;
  to: (row: RelatedRow<RowOf<E>>) => T;
}

function pageStatement<E extends v.ObjectEntries>(name: string, row: v.ObjectSchema<E, undefined>, ascending: boolean) {
  const text = fillTemplate("connection/page", {
    relation: fillTemplate(`connection/${name}`, {}),
    beyond: ascending ? ">" : "<",
    direction: ascending ? "ASC" : "DESC",
  });
  return builtStatement(`connection/${name}`, text, {
    parent: v.string(),
    rank: v.union([v.string(), v.number()]),
    slot: v.string(),
    role: v.string(),
    item: row,
  });
}

function countStatement(name: string) {
  const text = fillTemplate("connection/count", { relation: fillTemplate(`connection/${name}`, {}) });
  return builtStatement(`connection/count-${name}`, text, { parent: v.string(), count: v.number() });
}

/** Declares a relation; `to` maps a row of it to what GraphQL returns. Items are oldest first unless `newestFirst`. */
export function defineRelation<E extends v.ObjectEntries, T>(
  name: string,
  row: v.ObjectSchema<E, undefined>,
  to: (row: RelatedRow<RowOf<E>>) => T,
  { newestFirst = false } = {},
): Relation<E, T> {
  return {
    name,
    row,
    ascending: pageStatement(name, row, true),
    descending: pageStatement(name, row, false),
    count: countStatement(name),
    newestFirst,
    to,
  };
}

/** Which items of a relation: those as of a time and, in the history of aliases, of one alias. */
export interface RelatedScope {
  alias?: string | null;
  asOf?: AsOf;
}

/** Counts the items of a relation that the actor may read for each parent, in one statement. */
export async function countRelated<E extends v.ObjectEntries, T>(
  { ports, actor }: RequestContext,
  relation: Relation<E, T>,
  { alias = null, asOf = null }: RelatedScope,
  parents: readonly string[],
): Promise<number[]> {
  const params = { parents: [...parents], projects: readableProjects(actor), alias, asOf };
  const rows = await ports.graph.read(relation.count, params);
  const counts = new Map(rows.map((row) => [row.parent, row.count]));
  return parents.map((parent) => counts.get(parent) ?? 0);
}

/** Finds one page of a relation for each parent, in one statement, without items that the actor may not read. `counts` provides `totalCount`. */
export async function findRelatedPages<E extends v.ObjectEntries, T>(
  { ports, actor }: RequestContext,
  relation: Relation<E, T>,
  parents: readonly string[],
  args: PageArgs & RelatedScope,
  counts: (parent: string) => Promise<number>,
): Promise<Connection<T>[]> {
  const { alias = null, asOf = null } = args;
  const scopes = parents.map((parent) => getCursorScope(relation.name, parent, alias, asOf));
  // A cursor belongs to one parent: in a page of several parents it is refused for all others.
  const [page] = scopes.map((scope) => parsePage(args, scope));
  if (!page) return [];
  const descending = page.backward !== relation.newestFirst;
  const rows = await ports.graph.read(descending ? relation.descending : relation.ascending, {
    parents: [...parents],
    projects: readableProjects(actor),
    alias,
    asOf,
    cursor: page.cursor?.[0] ?? null,
    limit: page.limit + 1,
  });
  const byParent = groupBy(rows, (row) => row.parent);
  const direction = descending ? -1 : 1;
  return parents.map((parent, i) => {
    const sorted = (byParent.get(parent) ?? []).sort((a, b) => (a.rank < b.rank ? -direction : direction));
    const items = sorted.map((row) => ({
      keys: [row.rank],
      node: relation.to({ ...row, item: withAsOf(row.item, asOf) }),
    }));
    return toConnection(items, page, scopes[i] ?? "", () => counts(parent));
  });
}
