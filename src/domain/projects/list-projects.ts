import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Project } from "../../model/project.ts";
import type { RequestContext } from "../core/context.ts";
import { readableProjects } from "../core/permissions.ts";
import { projectRow, toProject } from "../core/project-row.ts";
import { list } from "../query/list.ts";

const projectNoun = { name: "project", label: "Project", row: projectRow } as const;

/** The projects that the actor may read, ordered by name. */
export function listProjects(context: RequestContext, page: PageArgs): Promise<Connection<Project>> {
  const order = () => ({ terms: [{ operand: "item.name", descending: false }] });
  const listing = {
    noun: projectNoun,
    filter: {},
    fields: {},
    order,
    orderInput: null,
    projects: readableProjects(context.actor),
    projectOperand: "item.name",
  };
  return list(context.ports, listing, page, toProject);
}
