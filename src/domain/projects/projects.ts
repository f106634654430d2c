import type { CreateProjectInput, Project, UpdateProjectInput } from "../../model/project.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { type ProjectRow, toProject } from "../core/rows.ts";
import { validateProjectName, validateText } from "../core/validation.ts";
import { mergeProjects, type ProjectSettings, toProjectRows } from "../recording/ensure-projects.ts";
import { fillPrefix } from "../recording/storage-prefix.ts";

const changeProject = statement<{ name: string; changes: Value }, { project: ProjectRow }>("change-project");

/** Seconds. */
const longestSilence = 31_536_000;

function checkSettings(input: Omit<UpdateProjectInput, "name">, name: string): ProjectSettings {
  const { storagePrefix, staleAfterSeconds } = input;
  if (typeof storagePrefix === "string") fillPrefix(storagePrefix, name);
  if (typeof staleAfterSeconds === "number" && (staleAfterSeconds < 1 || staleAfterSeconds > longestSilence))
    throw invalid("staleAfterSeconds", `1 to ${longestSilence}, which is a year`);
  const description = validateText(input.description, "description");
  return { description, storagePrefix: storagePrefix ?? null, staleAfterSeconds: staleAfterSeconds ?? null };
}

/** Creates a project; one of that name that is there already is `ALREADY_EXISTS` with its holder. */
export async function createProject(
  context: RequestContext<"eventLog">,
  input: CreateProjectInput,
): Promise<{ project: Project }> {
  const name = validateProjectName(input.name, "name");
  authorize(context.actor, "project:create", name);
  const settings = checkSettings(input, name);
  const { result } = await runIdempotent(context, async (tx) => {
    const [row] = await tx.run(mergeProjects, toProjectRows(context.ports, [name], settings));
    if (!row?.created) {
      const holder = row?.project.id ?? name;
      throw new DomainError("ALREADY_EXISTS", `a project ${name} is there already`, { holder });
    }
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project: name }] };
  });
  return { project: toProject(result) };
}

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
    if (!row) throw notFound(`project ${name}`);
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project: name }] };
  });
  return { project: toProject(result) };
}
