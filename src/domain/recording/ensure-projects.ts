import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import type { ProjectRow } from "../core/project-row.ts";

/** What may be set of a project. */
export type ProjectSettings = {
  description: string | null;
  storagePrefix: string | null;
  staleAfterSeconds: number | null;
};

/** Creates the projects that are missing; gives all of them. */
export const mergeProjects = statement<
  { projects: (ProjectSettings & { name: string; id: string })[]; now: number },
  { project: ProjectRow; created: boolean }
>("merge-projects");
const none: ProjectSettings = { description: null, storagePrefix: null, staleAfterSeconds: null };

/** The parameters of `mergeProjects` for these names. */
export function toProjectRows(
  { newId, now }: Pick<Ports, "newId" | "now">,
  names: string[],
  settings: ProjectSettings = none,
) {
  return {
    projects: [...new Set(names)].sort().map((name) => ({ ...settings, name, id: newId() })),
    now: now(),
  };
}

/** Creates the projects that are missing. */
export function ensureProjects(ports: Pick<Ports, "newId" | "now">, tx: Transaction, names: string[]): void {
  tx.send(mergeProjects, toProjectRows(ports, names));
}
