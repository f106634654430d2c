import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Project } from "../../model/project.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { type ProjectRow, toProject } from "../core/rows.ts";
import { type Listing, list } from "../query/list.ts";

/** Projects that the actor may read, by name. */
export function listProjects(context: RequestContext, page: PageArgs): Promise<Connection<Project>> {
  const order = () => ({ terms: [{ operand: "item.name", descending: false }] });
  const listing: Listing = {
    noun: "project",
    filter: {},
    fields: {},
    order,
    orderName: null,
    projects: readableProjects(context.actor),
    projectOperand: "item.name",
  };
  return list<ProjectRow, Project>(context.ports, listing, page, toProject);
}
