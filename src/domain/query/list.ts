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
  type Filter,
  type FilterFields,
  type Parameters,
  pinnedFields,
  validateFilter,
} from "./filter-compiler.ts";

/** One term of an order: an expression that is never null, and its direction. The last term of an order must be unique. */
export interface OrderTerm {
  operand: string;
  descending: boolean;
}

/** An order: its terms, and the clauses that join what they use to the item. */
export interface Order {
  terms: OrderTerm[];
  joins?: string;
}

/** What a list is of: the label of its nodes, the row of an item, and conditions that every item meets. */
export interface Noun<R extends v.ObjectEntries> {
  name: "version" | "artifact" | "run" | "project";
  label: string;
  row: v.ObjectSchema<R, undefined>;
  /** The condition that an item must meet to be listed. */
  visible?: string;
  /** A condition that holds for every item; stating it lets an index provide the order by time. */
  ordered?: string;
}

/** A filter, the fields that it may have, and the projects that the actor may read. */
export interface Filtered {
  filter: Filter;
  fields: FilterFields;
  /** The projects that the actor may read; null for all. */
  projects: string[] | null;
  /** The expression for the project of an item; `item.project` by default. */
  projectOperand?: string;
}

/** A list: a filter on the items of one noun, and their order. */
export interface Listing<R extends v.ObjectEntries> extends Filtered {
  noun: Noun<R>;
  /** Compiles the order, with the parameters of one statement. */
  order: (params: Parameters) => Order;
  /** The order as the caller gave it: a cursor is valid only in the order that it was made for. */
  orderInput: unknown;
}

function afterCursor(terms: OrderTerm[], cursor: Keys, backward: boolean, params: Parameters): string {
  const names = cursor.map((key) => params.add(key));
  const alternatives = terms.map(({ operand, descending }, i) => {
    const equal = terms.slice(0, i).map((term, k) => `${term.operand} = ${names[k]}`);
    return `(${[...equal, `${operand} ${descending === backward ? ">" : "<"} ${names[i]}`].join(" AND ")})`;
  });
  return `(${alternatives.join(" OR ")})`;
}

/** The marks of a template that a filter fills. */
function compileMarks({ filter, fields, projects, projectOperand }: Filtered, params: Parameters) {
  validateFilter(filter);
  const seeks = compileIndexSeeks(filter, fields, params);
  const conditions = [
    compileFilter(filter, fields, params, true),
    ...seeks.map(({ condition }) => condition ?? "true"),
  ];
  if (projects) conditions.push(`${projectOperand ?? "item.project"} IN ${params.add(projects)}`);
  return { seeks: seeks.map(({ pattern }) => `\n${pattern}`).join(""), where: conditions.join(" AND ") };
}

/** Terms for properties that the filter limits to one value. They do not change the order, but let an index on them provide it. */
function pinnedTerms(filter: Filter, [first]: OrderTerm[]): OrderTerm[] {
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
  const { seeks, where } = compileMarks(listing, params);
  const after = page.cursor ? afterCursor(terms, page.cursor, page.backward, params) : null;
  const text = fillTemplate("list/page", {
    label: noun.label,
    seeks,
    ordered: and(noun.ordered),
    visible: and(noun.visible),
    // Terms of joined nodes exist only after the join, so the cursor is compared there.
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

/** Reads the statement of a template whose marks `seeks` and `where` are filled by a filter; `more` are its further parameters. */
export function readFiltered<R extends v.ObjectEntries>(
  ports: Pick<Ports, "graph">,
  template: string,
  row: R,
  filtered: Filtered,
  more: Params = {},
) {
  const params = createParameters(filtered.projects);
  const statement = builtStatement(template, fillTemplate(template, compileMarks(filtered, params)), row);
  return ports.graph.read(statement, { ...params.all(), ...more });
}

async function countItems<R extends v.ObjectEntries>(
  ports: Pick<Ports, "graph">,
  listing: Listing<R>,
): Promise<number> {
  const { noun, projects } = listing;
  const params = createParameters(projects);
  const marks = { label: noun.label, visible: and(noun.visible), ...compileMarks(listing, params) };
  const statement = builtStatement(`list/count-${noun.name}`, fillTemplate("list/count", marks), { count: v.number() });
  const [row] = await ports.graph.read(statement, params.all());
  return row?.count ?? 0;
}

/** Finds one page of a list; its items are counted only if the count is requested. */
export async function list<R extends v.ObjectEntries, T>(
  ports: Pick<Ports, "graph">,
  listing: Listing<R>,
  args: PageArgs,
  to: (row: v.InferOutput<v.ObjectSchema<R, undefined>>) => T,
): Promise<Connection<T>> {
  const scope = getCursorScope(listing.noun.name, listing.filter, listing.orderInput);
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
