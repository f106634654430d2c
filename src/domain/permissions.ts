import { Refusal } from "./errors.ts";

/** Roles, weakest first; each may do what those before it may. */
export const roles = ["viewer", "contributor", "maintainer", "admin"] as const;
export type Role = (typeof roles)[number];

/** What can be done, and the role in the project that it needs. */
export const actions = {
  "project:read": "viewer",
  "project:create": "admin",
  "project:configure": "admin",
  "version:log": "contributor",
  "version:label": "contributor",
  "version:delete": "maintainer",
  "version:force": "admin",
  "run:write": "contributor",
  "blob:write": "contributor",
  "upload:others": "maintainer",
  "webhook:manage": "maintainer",
  "log:read": "viewer",
} as const satisfies Record<string, Role>;
export type Action = keyof typeof actions;

/** Who asks: a name that every write records, and the role in each project (`*` stands for all). */
export interface Actor {
  readonly name: string;
  readonly grants: readonly { readonly role: Role; readonly projects: readonly string[] }[];
}

const covers = (projects: readonly string[], project: string): boolean =>
  projects.includes("*") || projects.includes(project);

/** Whether the actor's role in the project suffices for the action. */
export const may = (actor: Actor, action: Action, project: string): boolean =>
  actor.grants.some(
    (grant) => covers(grant.projects, project) && roles.indexOf(grant.role) >= roles.indexOf(actions[action]),
  );

/** Rejects with `FORBIDDEN`, naming the permission, when the actor may not. */
export const authorise = (actor: Actor, action: Action, project: string): void => {
  if (may(actor, action, project)) return;
  // The project stays unnamed: whoever came by an id may not even know it.
  const message = `${actor.name} may not do this: ${action} needs the role ${actions[action]} in the project`;
  throw new Refusal("FORBIDDEN", message, { permission: action });
};

/** The projects that the actor may read: their names, or null for all. */
export const readable = (actor: Actor): string[] | null => {
  const projects = actor.grants.flatMap((grant) => grant.projects);
  return projects.includes("*") ? null : [...new Set(projects)];
};
