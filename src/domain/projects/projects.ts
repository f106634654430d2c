import type { CreateProjectInput, Project, UpdateProjectInput } from "../../model/project.ts";
import { isBlobKey } from "../../ports/blob-store.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { type ProjectRow, toProject } from "../core/rows.ts";
import { validateProjectName, validateText } from "../core/validation.ts";

type Settings = { description: string | null; storagePrefix: string | null; staleAfterSeconds: number | null };

const mergeProjects = statement<
  { projects: (Settings & { name: string; id: string })[]; now: number },
  { project: ProjectRow; created: boolean }
>("merge-projects");
const changeProject = statement<{ name: string; changes: Value }, { project: ProjectRow }>("change-project");

/** Seconds. */
const longestSilence = 31_536_000;

const none: Settings = { description: null, storagePrefix: null, staleAfterSeconds: null };

function projectRows({ newId, now }: Pick<Deps, "newId" | "now">, names: string[], settings: Settings = none) {
  return {
    projects: [...new Set(names)].sort().map((name) => ({ ...settings, name, id: newId() })),
    now: now(),
  };
}

/** Creates the projects that are missing. */
export function ensureProjects(deps: Pick<Deps, "newId" | "now">, tx: Transaction, names: string[]): void {
  tx.send(mergeProjects, projectRows(deps, names));
}

/** Where the bytes of projects go that don't say so themselves. */
export const defaultPrefix = "{{project}}";

/** A project's prefix with its name filled in: segments of a blob key, ending in `/`. A template that would leave its root is refused. */
export function fillPrefix(template: string, project: string): string {
  const filled = template.replace(/\{\{\s*project\s*\}\}/g, project).replace(/\/+$/, "");
  if (!isBlobKey(filled) || filled.length > 512) {
    throw invalid(
      "storagePrefix",
      "segments of letters, digits, `.`, `_` and `-`, or {{project}}, joined by /; none . or ..",
    );
  }
  return `${filled}/`;
}

function checkSettings(input: Omit<UpdateProjectInput, "name">, name: string): Settings {
  const { storagePrefix, staleAfterSeconds } = input;
  if (typeof storagePrefix === "string") fillPrefix(storagePrefix, name);
  if (typeof staleAfterSeconds === "number" && (staleAfterSeconds < 1 || staleAfterSeconds > longestSilence))
    throw invalid("staleAfterSeconds", `1 to ${longestSilence}, which is a year`);
  const description = validateText(input.description, "description");
  return { description, storagePrefix: storagePrefix ?? null, staleAfterSeconds: staleAfterSeconds ?? null };
}

/** Creates a project; one of that name that is there already is `ALREADY_EXISTS` with its holder. */
export async function createProject(
  deps: Deps,
  actor: Actor,
  input: CreateProjectInput,
): Promise<{ project: Project }> {
  const name = validateProjectName(input.name, "name");
  authorize(actor, "project:create", name);
  const settings = checkSettings(input, name);
  const { result } = await runIdempotent(deps, actor, async (tx) => {
    const [row] = await tx.run(mergeProjects, projectRows(deps, [name], settings));
    if (!row?.created) {
      const holder = row?.project.id ?? name;
      throw new DomainError("ALREADY_EXISTS", `a project ${name} is there already`, { holder });
    }
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: deps.now(), project: name }] };
  });
  return { project: toProject(result) };
}

/** Changes a project; what is left out stays, null takes away. */
export async function updateProject(
  deps: Deps,
  actor: Actor,
  input: UpdateProjectInput,
): Promise<{ project: Project }> {
  const { name, ...given } = input;
  authorize(actor, "project:configure", name);
  const settings = checkSettings(given, name);
  const kept = Object.entries(settings).filter(([key]) => given[key as keyof typeof given] !== undefined);
  const { result } = await runIdempotent(deps, actor, async (tx) => {
    const [row] = await tx.run(changeProject, { name, changes: Object.fromEntries(kept) });
    if (!row) throw notFound(`project ${name}`);
    return { result: row.project, events: [{ type: "PROJECT_UPDATED", at: deps.now(), project: name }] };
  });
  return { project: toProject(result) };
}
