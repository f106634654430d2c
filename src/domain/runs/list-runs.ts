import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Run } from "../../model/execution.ts";
import type { RunFilter } from "../../model/filters.ts";
import type { RunOrder } from "../../model/order.ts";
import type { RequestContext } from "../core/context.ts";
import { executionRow, toRun } from "../core/execution-row.ts";
import { readableProjects } from "../core/permissions.ts";
import { leavesField, propertyFields, tag, text } from "../query/filter-fields.ts";
import { list } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

const runFields = {
  ...propertyFields("project", "pipeline", "name", "key", "status", "author", "startedAt", "endedAt"),
  tag,
  text,
  parameters: leavesField("HAS_PARAMETER"),
  metrics: leavesField("HAS_METRIC"),
  metadata: leavesField("HAS_METADATA"),
};

const runNoun = { name: "run", label: "Run", row: executionRow, ordered: "item.createdAt IS NOT NULL" } as const;

/** The runs that match a filter, of the projects that the actor may read; newest first by default. */
export function listRuns(
  context: RequestContext,
  filter: RunFilter | null | undefined,
  order: RunOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Run>> {
  const listing = {
    noun: runNoun,
    filter: filter ?? {},
    fields: runFields,
    order: orderBy(order),
    orderInput: order,
    projects: readableProjects(context.actor),
  };
  return list(context.ports, listing, page, toRun);
}
