import { type ArgumentNode, type FieldNode, Kind, type SelectionSetNode, type ValueNode } from "graphql";
import { isRecord } from "../lib/is-record.ts";

/** How many versions, runs and steps a field may read without showing them. It costs as much as a page with so many items. */
const readCosts: ReadonlyMap<string, number> = new Map([
  ["Query.impact", 100_000],
  ["Query.staleness", 100_000],
  ["Query.recipe", 10_000],
  ["Query.paths", 20_000],
  ["Query.diff", 1_000],
  ["VersionDiff.lineage", 40_000],
  ["Query.compareVersions", 1_000],
  ["Query.compareRuns", 1_000],
  // A walk to the end counts what its limit leaves out.
  ["Query.lineage", 1_000],
  ["Version.lineage", 1_000],
]);

/** What a filtered list reads to find its items, and again to count them; `stale` reads the lineage of a project. */
const listCosts = { filter: 5_000, totalCount: 5_000, stale: 100_000 };

/** The named values of a document: what a field's arguments and fragments refer to. */
export interface Definitions {
  variables: Readonly<Record<string, unknown>>;
  fragments: ReadonlyMap<string, { selectionSet: SelectionSetNode }>;
}

/** The names of the fields selected in a field, including those of fragments. Each fragment is visited once. */
function getSelectedNames({ selectionSet }: FieldNode, { fragments }: Definitions): Set<string> {
  const names = new Set<string>();
  const sets = new Set(selectionSet ? [selectionSet] : []);
  // A Set iterates in insertion order, including what is added during the loop.
  for (const { selections } of sets) {
    for (const node of selections) {
      const inner = node.kind === Kind.FRAGMENT_SPREAD ? fragments.get(node.name.value) : node;
      if (node.kind === Kind.FIELD) names.add(node.name.value);
      else if (inner?.selectionSet) sets.add(inner.selectionSet);
    }
  }
  return names;
}

/** Whether only the number of a page's items is selected, not the page. */
export function selectsOnlyCount(node: FieldNode, definitions: Definitions): boolean {
  const names = getSelectedNames(node, definitions);
  return names.has("totalCount") && [...names].every((name) => name === "totalCount" || name === "__typename");
}

/** Whether a filter has the field `stale`, which is allowed at its top only. */
function filtersByStaleness(value: ValueNode, variables: Definitions["variables"]): boolean {
  if (value.kind === Kind.OBJECT) return value.fields.some(({ name }) => name.value === "stale");
  const given = value.kind === Kind.VARIABLE ? variables[value.name.value] : undefined;
  return isRecord(given) && "stale" in given;
}

function getFilterCost(filter: ArgumentNode | undefined, { variables }: Definitions): number {
  if (!filter) return 0;
  return listCosts.filter + (filtersByStaleness(filter.value, variables) ? listCosts.stale : 0);
}

/** How many items a field may read besides those of its page. */
export function getReadCost(parentType: string, node: FieldNode, definitions: Definitions): number {
  const known = readCosts.get(`${parentType}.${node.name.value}`);
  if (known !== undefined || parentType !== "Query") return known ?? 0;
  const filter = node.arguments?.find(({ name }) => name.value === "filter");
  const counted = getSelectedNames(node, definitions).has("totalCount") ? listCosts.totalCount : 0;
  return getFilterCost(filter, definitions) + counted;
}
