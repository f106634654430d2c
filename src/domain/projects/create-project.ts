import type { CreateProjectInput, Project } from "../../model/project.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { toProject } from "../core/project-row.ts";
import { validateProjectName } from "../core/validation.ts";
import { mergeProjects, toProjectRows } from "../recording/ensure-projects.ts";
import { validateProjectSettings } from "./project-settings.ts";

/** Creates a project; `ALREADY_EXISTS`, with the id of the other as `holder`, when one of that name exists. */
export async function createProject(
  context: RequestContext<"eventLog">,
  input: CreateProjectInput,
): Promise<{ project: Project }> {
  const name = validateProjectName(input.name, "name");
  authorize(context.actor, "project:create", name);
  const settings = validateProjectSettings(input, name);
  const { result } = await runIdempotent(context, async (tx) => {
    const [row] = await tx.run(mergeProjects, toProjectRows(context.ports, [name], settings));
    if (!row?.created) {
      const holder = row?.project.id ?? name;
      throw new DomainError("ALREADY_EXISTS", `project ${name} already exists`, { holder });
    }
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project: name }] };
  });
  return { project: toProject(result) };
}
