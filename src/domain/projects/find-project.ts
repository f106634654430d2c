import type { Project } from "../../model/project.ts";
import type { Loader, RequestContext } from "../core/context.ts";
import { authorize } from "../core/permissions.ts";

/** Finds a project by name; null if there is none, `FORBIDDEN` if the actor may not read it, whether or not it exists. */
export async function findProject(
  { actor }: Pick<RequestContext, "actor">,
  projects: Loader<Project | null>,
  name: string,
): Promise<Project | null> {
  authorize(actor, "project:read", name);
  return projects.load(name);
}
