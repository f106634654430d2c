import type { CreateProjectInput, Project } from "../model/project.ts";
import type { Transaction } from "../ports/graph-store.ts";
import { statement } from "../ports/statement.ts";
import { checkProject, checkText } from "./checks.ts";
import type { Deps } from "./deps.ts";
import { Refusal } from "./errors.ts";
import { type Actor, authorise } from "./permissions.ts";
import { type ProjectRow, toProject } from "./rows.ts";
import { writeOnce } from "./write.ts";

const mergeProjects = statement<
  { projects: { name: string; id: string; description: string | null }[]; now: number },
  { project: ProjectRow; created: boolean }
>("merge-projects");

/** Creates the projects that are missing; the rows say which were. */
export const ensureProjects = (
  deps: Deps,
  run: Transaction["run"],
  names: string[],
  description: string | null = null,
) =>
  run(mergeProjects, {
    projects: [...new Set(names)].sort().map((name) => ({ name, id: deps.newId(), description })),
    now: deps.now(),
  });

/** Creates a project; one of that name that is there already is `ALREADY_EXISTS` with its holder. */
export const createProject = async (
  deps: Deps,
  actor: Actor,
  input: CreateProjectInput,
): Promise<{ project: Project }> => {
  const name = checkProject(input.name, "name");
  authorise(actor, "project:create", name);
  const description = checkText(input.description, "description");
  const { result } = await writeOnce(deps, actor, undefined, async (tx) => {
    const [row] = await ensureProjects(deps, tx.run, [name], description);
    if (!row?.created) {
      const holder = row?.project.id ?? name;
      throw new Refusal("ALREADY_EXISTS", `a project ${name} is there already`, { holder });
    }
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: deps.now(), project: name }] };
  });

  return { project: toProject(result) };
};
