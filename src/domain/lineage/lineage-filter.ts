import type { LineageFilter } from "../../model/lineage.input.ts";
import type { WalkBounds } from "../../ports/graph-store.ts";
import type { AsOf } from "../core/as-of.ts";
import {
  compileFilter,
  createParameters,
  type FilterFields,
  type Parameters,
  propertyField,
  restrictToFields,
  validateFilter,
} from "../query/filter-compiler.ts";
import { leavesField, tag, tagAsOf } from "../query/filter-fields.ts";

const commonFields: FilterFields = {
  project: propertyField("item.project"),
  createdAt: propertyField("item.createdAt"),
};
const versionFields: FilterFields = {
  ...commonFields,
  artifact: propertyField("item.artifact"),
  kind: propertyField("item.kind"),
  state: propertyField("item.state"),
  tag,
  metadata: leavesField("HAS_METADATA"),
};
/** Fields that change over time, as of `$asOf`: a version that was deleted later was READY then. */
const versionFieldsAsOf: FilterFields = {
  ...versionFields,
  state: propertyField("CASE WHEN item.deletedAt > $asOf THEN 'READY' ELSE item.state END"),
  tag: tagAsOf,
};
const executionFields: FilterFields = {
  ...commonFields,
  status: propertyField("item.status"),
  pipeline: propertyField("item.pipeline"),
};

/** The condition for one type of node; `neutral` when no field of the filter applies to that type. */
function compileForFields(filter: object, fields: FilterFields, neutral: boolean, params: Parameters): string {
  const applicable = restrictToFields(filter, fields);
  return applicable ? `(${compileFilter(applicable, fields, params)})` : String(neutral);
}

/** The condition for all nodes; null when every node gets the `neutral` result. */
function compileLineageFilter(
  filter: LineageFilter | null | undefined,
  neutral: boolean,
  params: Parameters,
  asOf: AsOf,
): string | null {
  if (!filter) return null;
  validateFilter(filter);
  const onVersions = compileForFields(filter, asOf === null ? versionFields : versionFieldsAsOf, neutral, params);
  const onExecutions = compileForFields(filter, executionFields, neutral, params);
  if (onVersions === onExecutions && onVersions === String(neutral)) return null;
  const condition = `((item:Version AND ${onVersions}) OR (item:Execution AND ${onExecutions}))`;
  if (!params.projects) return condition;
  // Filters never apply to unreadable nodes: otherwise the result would reveal their properties.
  const projects = params.add(params.projects);
  return neutral
    ? `(NOT item.project IN ${projects} OR ${condition})`
    : `(item.project IN ${projects} AND ${condition})`;
}

/**
 * Compiles the lineage filters of a caller who may read `projects` (null: all) to walk conditions. A field that doesn't apply to a node is
 * neutral; if no field applies, `filter` shows the node and `stopAt` doesn't stop at it. Throws `TOO_COMPLEX` when a filter is too large.
 */
export function compileWalkConditions(
  filter: LineageFilter | null | undefined,
  stopAt: LineageFilter | null | undefined,
  projects: string[] | null,
  asOf: AsOf,
): Pick<WalkBounds, "showIf" | "stopIf" | "params"> {
  const params = createParameters(projects);
  const showIf = compileLineageFilter(filter, true, params, asOf);
  const stopIf = compileLineageFilter(stopAt, false, params, asOf);
  return { showIf, stopIf, params: params.all() };
}
