import type { Project, UpdateProjectInput } from "../../model/project.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { type ProjectRow, toProject } from "../core/project-row.ts";
import { checkSettings } from "./project-settings.ts";

const changeProject = statement<{ name: string; changes: Value }, { project: ProjectRow }>("update-project");

/** Changes a project; what is left out stays, null takes away. */
export async function updateProject(
  context: RequestContext<"eventLog">,
  input: UpdateProjectInput,
): Promise<{ project: Project }> {
  const { name, ...given } = input;
  authorize(context.actor, "project:configure", name);
  const settings = checkSettings(given, name);
  const kept = Object.entries(settings).filter(([key]) => given[key as keyof typeof given] !== undefined);
  const { result } = await runIdempotent(context, async (tx) => {
    const [row] = await tx.run(changeProject, { name, changes: Object.fromEntries(kept) });
    if (!row) throw notFound(`project ${name} does not exist`);
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project: name }] };
  });
  return { project: toProject(result) };
}
