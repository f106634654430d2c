import { quote } from "../../lib/quote.ts";
import { DomainError, invalid } from "./errors.ts";

/** Roles, weakest first; each may do what those before it may. */
export const roles = ["viewer", "contributor", "maintainer", "admin"] as const;
export type Role = (typeof roles)[number];

/** Every permission and the weakest role in the project that has it. */
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
  "stage:weaken": "admin",
  "run:write": "contributor",
  "blob:write": "contributor",
  "upload:others": "maintainer",
  "webhook:manage": "maintainer",
  "log:read": "viewer",
} as const satisfies Record<string, Role>;
export type Action = keyof typeof actions;

/** Who sends a request: a name, which every write records, and roles in projects (`*` stands for all projects). */
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

/** Validates the name of a role, or null; any other text is `INVALID_INPUT`. */
export function validateRole(role: string | null, field: string): Role | null {
  if (role === null || isRole(role)) return role;
  throw invalid(field, `must be one of ${roles.join(", ")}, not ${quote(role)}`);
}

/** Whether a role, given by its name, is the required one or a stronger one. */
export function satisfiesRole(role: string, required: Role): boolean {
  return isRole(role) && roles.indexOf(role) >= roles.indexOf(required);
}

/** Whether the actor has this role, or a stronger one, in the project. */
export function hasRole(actor: Actor, role: Role, project: string): boolean {
  return actor.grants.some((grant) => covers(grant.projects, project) && satisfiesRole(grant.role, role));
}

/** The strongest role that the actor has in the project; the weakest of all roles if it has none. */
export function getStrongestRole(actor: Actor, project: string): Role {
  return [...roles].reverse().find((role) => hasRole(actor, role, project)) ?? roles[0];
}

/** Whether the actor has this permission in the project. */
export function may(actor: Actor, action: Action, project: string): boolean {
  return hasRole(actor, actions[action], project);
}

/** Throws `FORBIDDEN`, naming the permission, unless the actor has it in the project. */
export function authorize(actor: Actor, action: Action, project: string): void {
  if (may(actor, action, project)) return;
  // The message does not name the project: a caller who gave an id may not know where it belongs.
  const message = `${actor.name} lacks the permission ${action}, which requires the role ${actions[action]} in the project`;
  throw new DomainError("FORBIDDEN", message, { permission: action });
}

/** The names of the projects that the actor may read; null for all. */
export function readableProjects(actor: Actor): string[] | null {
  const projects = actor.grants.flatMap((grant) => grant.projects);
  return projects.includes("*") ? null : [...new Set(projects)];
}
