import type { Connection, PageArgs } from "../../model/connection.ts";
import { fillTemplate, type Params, type Statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { type Keys, type Page, pageScope, parsePage, toConnection } from "./cursor-page.ts";
import {
  compileFilter,
  compileIndexSeeks,
  type FilterFields,
  type Parameters,
  parameters,
  pinnedFields,
  validateFilter,
} from "./filter-compiler.ts";

/** What a list is ordered by: an expression that is never null, and which way. The last of a list must be unique. */
export interface OrderTerm {
  operand: string;
  descending: boolean;
}

/** An order: its terms, and what must be joined to the item for them. */
export interface Order {
  terms: OrderTerm[];
  joins?: string;
}

/** A list of one noun: the filter with its fields, the order, and what the actor may see of it. */
export interface Listing {
  noun: "version" | "artifact" | "run" | "project";
  filter: object;
  fields: FilterFields;
  /** Made for the parameters of one statement. */
  order: (params: Parameters) => Order;
  /** What tells this order from others, for cursors. */
  orderName: unknown;
  /** The projects that may be seen, null for all; `projectOperand` is what holds an item's project. */
  projects: string[] | null;
  projectOperand?: string;
}

type Row<R> = { item: R; keys: Keys };

function afterCursor(terms: OrderTerm[], cursor: Keys, backward: boolean, params: Parameters): string {
  const names = cursor.map((key) => params.add(key));
  const alternatives = terms.map(({ operand, descending }, i) => {
    const equal = terms.slice(0, i).map((term, k) => `${term.operand} = ${names[k]}`);
    return `(${[...equal, `${operand} ${descending === backward ? ">" : "<"} ${names[i]}`].join(" AND ")})`;
  });
  return `(${alternatives.join(" OR ")})`;
}

type Filtered = Pick<Listing, "filter" | "fields" | "projects" | "projectOperand">;

function matchOf({ filter, fields, projects, projectOperand }: Filtered, params: Parameters) {
  validateFilter(filter);
  const found = compileIndexSeeks(filter, fields, params);
  const conditions = [
    compileFilter(filter, fields, params, true),
    ...found.map(({ condition }) => condition ?? "true"),
  ];
  if (projects) conditions.push(`${projectOperand ?? "item.project"} IN ${params.add(projects)}`);
  return { anchors: found.map(({ pattern }) => `\n${pattern}`).join(""), where: conditions.join(" AND ") };
}

/** What is the same for all items changes no order, but an index over it and what follows can then give that order. */
function pinnedTerms({ filter }: Listing, [first]: OrderTerm[]): OrderTerm[] {
  return pinnedFields(filter, ["project", "artifact"]).map((name) => ({
    operand: `item.${name}`,
    descending: first?.descending ?? false,
  }));
}

function pageStatement<R>(listing: Listing, page: Page, params: Parameters): Statement<Params, Row<R>> {
  const { terms, joins } = listing.order(params);
  const { anchors, where } = matchOf(listing, params);
  const after = page.cursor ? afterCursor(terms, page.cursor, page.backward, params) : null;
  return {
    name: `list/${listing.noun}`,
    text: fillTemplate(`list/${listing.noun}`, {
      anchors,
      // What is joined is null before the join: then the cursor is looked at behind it.
      where: after && !joins ? `${where} AND ${after}` : where,
      joins: joins ? `${joins}${after ? ` WHERE ${after}` : ""}` : "",
      keys: terms.map((term) => term.operand).join(", "),
      order: [...pinnedTerms(listing, terms), ...terms]
        .map((term) => `${term.operand} ${term.descending === page.backward ? "ASC" : "DESC"}`)
        .join(", "),
    }),
  };
}

/** Reads with a list's condition in place of the marks in a statement's file; `more` are parameters besides. */
export function readFiltered<R>(
  ports: Pick<Ports, "graph">,
  file: string,
  listing: Filtered,
  more: Params = {},
): Promise<R[]> {
  const params = parameters(listing.projects);
  const statement: Statement<Params, R> = { name: file, text: fillTemplate(file, matchOf(listing, params)) };
  return ports.graph.read(statement, { ...params.all(), ...more });
}

/** One page of a list; the count is only made when asked for. */
export async function list<R, T>(
  ports: Pick<Ports, "graph">,
  listing: Listing,
  args: PageArgs,
  to: (row: R) => T,
): Promise<Connection<T>> {
  const scope = pageScope(listing.noun, listing.filter, listing.orderName);
  const page = parsePage(args, scope, listing.order(parameters(null)).terms.length);
  const params = parameters(listing.projects);
  const statement = pageStatement<R>(listing, page, params);
  const rows = await ports.graph.read(statement, { ...params.all(), limit: page.limit + 1 });
  const count = async () =>
    (await readFiltered<{ count: number }>(ports, `list/count-${listing.noun}`, listing))[0]?.count ?? 0;
  return toConnection(
    rows.map(({ item, keys }) => ({ node: to(item), keys })),
    page,
    scope,
    count,
  );
}
