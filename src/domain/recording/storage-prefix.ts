import { isBlobKey } from "../../ports/blob-store.ts";
import type { ServiceContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";

/** Where the bytes of projects go that don't say so themselves. */
const defaultPrefix = "{{project}}";

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

/** Where the contents of a project go. */
interface ProjectStorage {
  /** Whether the project is there at all, which it then stays. */
  projectExists: boolean;
  prefix: string;
  /** A key below the prefix, for a new content. */
  newKey: () => string;
}

/** Where the contents of a project go: below its own prefix, or the usual one. */
export async function findProjectStorage(context: ServiceContext<"lookups">, project: string): Promise<ProjectStorage> {
  const known = await context.services.lookups.projects(project);
  const prefix = fillPrefix(known?.settings.storagePrefix ?? defaultPrefix, project);
  return { projectExists: Boolean(known), prefix, newKey: () => `${prefix}${context.ports.newId()}` };
}
