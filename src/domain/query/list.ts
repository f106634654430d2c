import * as v from "valibot";
import { fillTemplate } from "../../lib/cypher-files.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import { builtStatement, type Params } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { getCursorScope, type Keys, type Page, parsePage, toConnection } from "./cursor-page.ts";
import {
  compileFilter,
  compileIndexSeeks,
  createParameters,
  type FilterFields,
  type Parameters,
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

/** What a list is of: its label, the row of an item, and conditions that hold for every item. */
export interface Noun<R extends v.ObjectEntries> {
  name: "version" | "artifact" | "run" | "project";
  label: string;
  row: v.ObjectSchema<R, undefined>;
  /** Holds of what a list may show. */
  visible?: string;
  /** Holds of every item; saying so lets an index give the order by time. */
  ordered?: string;
}

/** A list of one noun: the filter with its fields, the order, and what the actor may see. */
export interface Listing<R extends v.ObjectEntries> extends Filtered {
  noun: Noun<R>;
  /** Made for the parameters of one statement. */
  order: (params: Parameters) => Order;
  /** Tells this order from others, for cursors. */
  orderName: unknown;
}

/** A filter with the fields that it may use. */
export interface Filtered {
  filter: object;
  fields: FilterFields;
  /** The projects that may be seen, null for all; `projectOperand` is what holds an item's project. */
  projects: string[] | null;
  projectOperand?: string;
}

function afterCursor(terms: OrderTerm[], cursor: Keys, backward: boolean, params: Parameters): string {
  const names = cursor.map((key) => params.add(key));
  const alternatives = terms.map(({ operand, descending }, i) => {
    const equal = terms.slice(0, i).map((term, k) => `${term.operand} = ${names[k]}`);
    return `(${[...equal, `${operand} ${descending === backward ? ">" : "<"} ${names[i]}`].join(" AND ")})`;
  });
  return `(${alternatives.join(" OR ")})`;
}

function matchOf({ filter, fields, projects, projectOperand }: Filtered, params: Parameters) {
  validateFilter(filter);
  const seeks = compileIndexSeeks(filter, fields, params);
  const conditions = [
    compileFilter(filter, fields, params, true),
    ...seeks.map(({ condition }) => condition ?? "true"),
  ];
  if (projects) conditions.push(`${projectOperand ?? "item.project"} IN ${params.add(projects)}`);
  return { seeks: seeks.map(({ pattern }) => `\n${pattern}`).join(""), where: conditions.join(" AND ") };
}

/** What is the same for all items changes no order, but an index over it and what follows can then give that order. */
function pinnedTerms(filter: object, [first]: OrderTerm[]): OrderTerm[] {
  return pinnedFields(filter, ["project", "artifact"]).map((name) => ({
    operand: `item.${name}`,
    descending: first?.descending ?? false,
  }));
}

function and(condition: string | undefined): string {
  return condition ? `${condition} AND ` : "";
}

function pageStatement<R extends v.ObjectEntries>(listing: Listing<R>, page: Page, params: Parameters) {
  const { noun, filter } = listing;
  const { terms, joins } = listing.order(params);
  const { seeks, where } = matchOf(listing, params);
  const after = page.cursor ? afterCursor(terms, page.cursor, page.backward, params) : null;
  const text = fillTemplate("list/page", {
    label: noun.label,
    seeks,
    ordered: and(noun.ordered),
    visible: and(noun.visible),
    // What is joined is null before the join, so the cursor is compared after it.
    where: after && !joins ? `${where} AND ${after}` : where,
    joins: joins ? `${joins}${after ? ` WHERE ${after}` : ""}` : "",
    keys: terms.map((term) => term.operand).join(", "),
    order: [...pinnedTerms(filter, terms), ...terms]
      .map((term) => `${term.operand} ${term.descending === page.backward ? "ASC" : "DESC"}`)
      .join(", "),
  });
  return builtStatement(`list/${noun.name}`, text, {
    item: noun.row,
    keys: v.array(v.union([v.string(), v.number()])),
  });
}

/** Reads with a filter's conditions in place of the marks of a template; `more` are further parameters. */
export function readFiltered<R extends v.ObjectEntries>(
  ports: Pick<Ports, "graph">,
  template: string,
  row: R,
  filtered: Filtered,
  more: Params = {},
) {
  const params = createParameters(filtered.projects);
  const statement = builtStatement(template, fillTemplate(template, matchOf(filtered, params)), row);
  return ports.graph.read(statement, { ...params.all(), ...more });
}

async function countItems<R extends v.ObjectEntries>(
  ports: Pick<Ports, "graph">,
  listing: Listing<R>,
): Promise<number> {
  const { noun, projects } = listing;
  const params = createParameters(projects);
  const marks = { label: noun.label, visible: and(noun.visible), ...matchOf(listing, params) };
  const statement = builtStatement(`list/count-${noun.name}`, fillTemplate("list/count", marks), { count: v.number() });
  const [row] = await ports.graph.read(statement, params.all());
  return row?.count ?? 0;
}

/** One page of a list; the items are counted only when asked for. */
export async function list<R extends v.ObjectEntries, T>(
  ports: Pick<Ports, "graph">,
  listing: Listing<R>,
  args: PageArgs,
  to: (row: v.InferOutput<v.ObjectSchema<R, undefined>>) => T,
): Promise<Connection<T>> {
  const scope = getCursorScope(listing.noun.name, listing.filter, listing.orderName);
  const page = parsePage(args, scope, listing.order(createParameters(null)).terms.length);
  const params = createParameters(listing.projects);
  const statement = pageStatement(listing, page, params);
  const rows = await ports.graph.read(statement, { ...params.all(), limit: page.limit + 1 });
  return toConnection(
    rows.map(({ item, keys }) => ({ node: to(item), keys })),
    page,
    scope,
    () => countItems(ports, listing),
  );
}
