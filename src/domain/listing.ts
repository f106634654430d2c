import type { Connection, PageArgs } from "../model/connection.ts";
import { cypherText, type Params, type Statement } from "../ports/statement.ts";
import type { Deps } from "./deps.ts";
import { compileFilter, type Leaf, parameters } from "./filter.ts";
import { checkPage, type Keys, type Page, pageScope, toConnection } from "./page.ts";

/** What a list is ordered by: an expression that is never null, and which way. The last must be unique. */
export interface OrderTerm {
  operand: string;
  descending: boolean;
}

/** A list of one noun: the filter with its leaves, the order, and what the actor may see of it. */
export interface Listing {
  noun: "version" | "artifact" | "run" | "project";
  filter: object;
  leaves: Record<string, Leaf>;
  order: OrderTerm[];
  /** The projects that may be seen, null for all; `operand` is what holds an item's project. */
  projects: string[] | null;
  projectOperand?: string;
}

type Row<R> = { item: R; keys: Keys };

const beyond = (
  order: OrderTerm[],
  cursor: Keys,
  backward: boolean,
  add: (value: string | number) => string,
): string => {
  const names = cursor.map(add);
  const alternatives = order.map(({ operand, descending }, i) => {
    const equal = order.slice(0, i).map((term, k) => `${term.operand} = ${names[k]}`);
    return `(${[...equal, `${operand} ${descending === backward ? ">" : "<"} ${names[i]}`].join(" AND ")})`;
  });
  return `(${alternatives.join(" OR ")})`;
};

const compile = (listing: Listing, page: Page | null) => {
  const params = parameters();
  const conditions = [compileFilter(listing.filter, listing.leaves, params)];
  if (listing.projects)
    conditions.push(`${listing.projectOperand ?? "item.project"} IN ${params.add(listing.projects)}`);
  if (page?.cursor) conditions.push(beyond(listing.order, page.cursor, page.backward, params.add));
  return { where: conditions.join(" AND "), params: params.all() };
};

const pageStatement = <R>({ noun, order }: Listing, where: string, backward: boolean): Statement<Params, Row<R>> => ({
  name: `list/${noun}`,
  text: cypherText(`list/${noun}`)
    .replace("/*where*/", where)
    .replace("/*keys*/", order.map((term) => term.operand).join(", "))
    .replace(
      "/*order*/",
      order.map((term) => `${term.operand} ${term.descending === backward ? "ASC" : "DESC"}`).join(", "),
    ),
});

/** Reads with a list's condition in place of the mark in a statement's file. */
export const readFiltered = <R>(deps: Deps, file: string, listing: Listing): Promise<R[]> => {
  const { where, params } = compile(listing, null);
  const statement: Statement<Params, R> = { name: file, text: cypherText(file).replace("/*where*/", where) };
  return deps.graph.read(statement, params);
};

/** One page of a list; the count is only made when asked for. */
export const list = async <R, T>(
  deps: Deps,
  listing: Listing,
  args: PageArgs,
  to: (row: R) => T,
): Promise<Connection<T>> => {
  const scope = pageScope(listing.noun, listing.filter, listing.order);
  const page = checkPage(args, scope);
  const { where, params } = compile(listing, page);
  const rows = await deps.graph.read(pageStatement<R>(listing, where, page.backward), {
    ...params,
    limit: page.limit + 1,
  });
  const count = async () =>
    (await readFiltered<{ count: number }>(deps, `list/count-${listing.noun}`, listing))[0]?.count ?? 0;
  return toConnection(
    rows.map(({ item, keys }) => ({ node: to(item), keys })),
    page,
    scope,
    count,
  );
};
