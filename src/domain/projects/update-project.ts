import * as v from "valibot";
import type { Project, UpdateProjectInput } from "../../model/project.ts";
import { anyValue, statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { projectRow, toProject } from "../core/project-row.ts";
import { validateProjectSettings } from "./project-settings.ts";

const writeProjectChanges = statement({
  name: "update-project",
  params: { name: v.string(), changes: anyValue },
  row: { project: projectRow },
});

/** Changes a project's settings. Omitted fields stay; null removes a setting. `NOT_FOUND` when the project doesn't exist. */
export async function updateProject(
  context: RequestContext<"eventLog">,
  input: UpdateProjectInput,
): Promise<{ project: Project }> {
  const { name, ...given } = input;
  authorize(context.actor, "project:configure", name);
  const settings = validateProjectSettings(given, name);
  const changes = {
    ...(given.description !== undefined && { description: settings.description }),
    ...(given.storagePrefix !== undefined && { storagePrefix: settings.storagePrefix }),
    ...(given.staleAfterSeconds !== undefined && { staleAfterSeconds: settings.staleAfterSeconds }),
  };
  const { result } = await runIdempotent(context, async (tx) => {
    const [row] = await tx.run(writeProjectChanges, { name, changes });
    if (!row) throw notFound(`project ${name} does not exist`);
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project: name }] };
  });
  return { project: toProject(result) };
}
