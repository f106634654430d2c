import { DomainError, invalid } from "./errors.ts";

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
  "version:promote": "maintainer",
  "version:approve": "contributor",
  "stage:define": "maintainer",
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

function covers(projects: readonly string[], project: string): boolean {
  return projects.includes("*") || projects.includes(project);
}

function isRole(word: string): word is Role {
  return roles.some((role) => role === word);
}

/** A role by its name, or null; `INVALID_INPUT` for another word. */
export function validateRole(role: string | null, field: string): Role | null {
  if (role === null || isRole(role)) return role;
  throw invalid(field, `one of ${roles.join(", ")}`);
}

/** Whether one role, by its name, is another or a stronger one. */
export function satisfiesRole(role: string, wanted: Role): boolean {
  return isRole(role) && roles.indexOf(role) >= roles.indexOf(wanted);
}

/** Whether the actor's role in the project is this one or a stronger one. */
export function hasRole(actor: Actor, role: Role, project: string): boolean {
  return actor.grants.some((grant) => covers(grant.projects, project) && satisfiesRole(grant.role, role));
}

/** The strongest role that the actor has in the project; the weakest when there is none. */
export function getStrongestRole(actor: Actor, project: string): Role {
  return [...roles].reverse().find((role) => hasRole(actor, role, project)) ?? roles[0];
}

/** Whether the actor's role in the project suffices for the action. */
export function may(actor: Actor, action: Action, project: string): boolean {
  return hasRole(actor, actions[action], project);
}

/** Rejects with `FORBIDDEN`, naming the permission, when the actor may not. */
export function authorize(actor: Actor, action: Action, project: string): void {
  if (may(actor, action, project)) return;
  // The project stays unnamed: whoever came by an id may not even know it.
  const message = `${actor.name} may not do this: ${action} needs the role ${actions[action]} in the project`;
  throw new DomainError("FORBIDDEN", message, { permission: action });
}

/** The projects that the actor may read: their names, or null for all. */
export function readableProjects(actor: Actor): string[] | null {
  const projects = actor.grants.flatMap((grant) => grant.projects);
  return projects.includes("*") ? null : [...new Set(projects)];
}
