import type { LineageFilter } from "../../model/lineage.input.ts";
import type { WalkBounds } from "../../ports/graph-store.ts";
import type { AsOf } from "../core/as-of.ts";
import { compileFilter, createParameters, type FilterFields, type Parameters, propertyField, restrictToFields, validateFilter } from "../query/filter-compiler.ts";
import { leavesField, tag, tagAsOf } from "../query/filter-fields.ts";

const both: FilterFields = { project: propertyField("item.project"), createdAt: propertyField("item.createdAt") };
const versionFields: FilterFields = {
  ...both,
  artifact: propertyField("item.artifact"),
  kind: propertyField("item.kind"),
  state: propertyField("item.state"),
  tag,
  metadata: leavesField("HAS_METADATA"),
};
/** What was deleted later was there then, and tags are those of then. */
const versionFieldsThen: FilterFields = {
  ...versionFields,
  state: propertyField("CASE WHEN item.deletedAt > $asOf THEN 'READY' ELSE item.state END"),
  tag: tagAsOf,
};
const executionFields: FilterFields = {
  ...both,
  status: propertyField("item.status"),
  pipeline: propertyField("item.pipeline"),
};

/** The condition on things of one sort; `neutral` where nothing of the filter applies to them. */
function conditionOn(filter: object, own: FilterFields, neutral: boolean, params: Parameters): string {
  const left = restrictToFields(filter, own);
  return left ? `(${compileFilter(left, own, params)})` : String(neutral);
}

function conditionOf(
  filter: LineageFilter | null | undefined,
  neutral: boolean,
  params: Parameters,
  asOf: AsOf,
): string | null {
  if (!filter) return null;
  validateFilter(filter);
  const onVersions = conditionOn(filter, asOf === null ? versionFields : versionFieldsThen, neutral, params);
  const onExecutions = conditionOn(filter, executionFields, neutral, params);
  if (onVersions === onExecutions && onVersions === String(neutral)) return null;
  const condition = `((item:Version AND ${onVersions}) OR (item:Execution AND ${onExecutions}))`;
  if (!params.projects) return condition;
  // No filter may tell anything of what can't be read: nothing applies to it.
  const projects = params.add(params.projects);
  return neutral
    ? `(NOT item.project IN ${projects} OR ${condition})`
    : `(item.project IN ${projects} AND ${condition})`;
}

/**
 * What a walk shows and where it stops, as conditions of its bounds, for who may read these `projects` (null: all). A field that doesn't apply
 * to a thing is neutral wherever it stands; where nothing applies, `filter` shows the thing and `stopAt` doesn't stop there.
 */
export function walkConditions(
  filter: LineageFilter | null | undefined,
  stopAt: LineageFilter | null | undefined,
  projects: string[] | null,
  asOf: AsOf,
): Pick<WalkBounds, "showIf" | "stopIf" | "params"> {
  const params = createParameters(projects);
  const showIf = conditionOf(filter, true, params, asOf);
  return { showIf, stopIf: conditionOf(stopAt, false, params, asOf), params: params.all() };
}
