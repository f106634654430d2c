import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { projectRow } from "../core/project-row.ts";

const projectSettings = v.object({
  description: nullable(v.string()),
  storagePrefix: nullable(v.string()),
  staleAfterSeconds: nullable(v.number()),
});

/** The properties of a project that a caller may set. */
export type ProjectSettings = v.InferOutput<typeof projectSettings>;

const noSettings: ProjectSettings = { description: null, storagePrefix: null, staleAfterSeconds: null };

/** Creates the projects that don't exist; gives all of them. */
export const mergeProjects = statement({
  name: "ensure-projects",
  params: {
    projects: v.array(v.object({ ...projectSettings.entries, name: v.string(), id: v.string() })),
    now: v.number(),
  },
  row: { project: projectRow, created: v.boolean() },
});

/** The parameters of `mergeProjects` for projects of these names. */
export function toProjectRows(
  { newId, now }: Pick<Ports, "newId" | "now">,
  names: Iterable<string>,
  settings: ProjectSettings = noSettings,
) {
  return {
    projects: [...new Set(names)].sort().map((name) => ({ ...settings, name, id: newId() })),
    now: now(),
  };
}

/** Creates those projects of these names that don't exist. */
export function ensureProjects(ports: Pick<Ports, "newId" | "now">, tx: Transaction, names: Iterable<string>): void {
  tx.send(mergeProjects, toProjectRows(ports, names));
}
