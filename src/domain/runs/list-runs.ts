import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Run } from "../../model/execution.ts";
import type { RunFilter } from "../../model/filters.ts";
import type { RunOrder } from "../../model/order.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { type ExecutionRow, toRun } from "../core/rows.ts";
import { properties, tag, text, valuesByKey } from "../query/filter-fields.ts";
import { type Listing, list } from "../query/list.ts";
import { orderBy } from "../query/order.ts";

const runFields = {
  ...properties("project", "pipeline", "name", "key", "status", "author", "startedAt", "endedAt"),
  tag,
  text,
  parameters: valuesByKey("HAS_PARAMETER"),
  metrics: valuesByKey("HAS_METRIC"),
  metadata: valuesByKey("HAS_METADATA"),
};

/** Runs that fit, newest first unless asked otherwise. */
export function listRuns(
  context: RequestContext,
  filter: RunFilter | null | undefined,
  order: RunOrder[] | null | undefined,
  page: PageArgs,
): Promise<Connection<Run>> {
  const projects = readableProjects(context.actor);
  const listing: Listing = {
    noun: "run",
    filter: filter ?? {},
    fields: runFields,
    order: orderBy(order),
    orderName: order,
    projects,
  };
  return list<ExecutionRow, Run>(context.ports, listing, page, toRun);
}
