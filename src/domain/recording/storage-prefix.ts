import { isBlobKey } from "../../ports/blob-store.ts";
import type { ServiceContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";

/** The storage prefix of projects that set none. */
const defaultTemplate = "{{project}}";

const maxPrefixLength = 512;

/** Fills a project's name into a storage prefix template; the result ends in `/`. `INVALID_INPUT` when it is not a valid blob key. */
export function fillPrefix(template: string, project: string): string {
  const filled = template.replace(/\{\{\s*project\s*\}\}/g, project).replace(/\/+$/, "");
  if (!isBlobKey(filled) || filled.length > maxPrefixLength) {
    throw invalid(
      "storagePrefix",
      `"${template}" must be at most ${maxPrefixLength} characters: segments of letters, digits, ".", "_" and "-", or {{project}}, joined by /; none may be "." or ".."`,
    );
  }
  return `${filled}/`;
}

/** Where a project's contents are stored. */
interface ProjectStorage {
  /** Whether the project exists already; projects are never deleted. */
  projectExists: boolean;
  prefix: string;
  /** Creates a blob key below the prefix for a new content. */
  newKey: () => string;
}

/** Finds where a project's contents are stored: below its own prefix or, when it sets none, the default one. */
export async function findProjectStorage(context: ServiceContext<"lookups">, project: string): Promise<ProjectStorage> {
  const known = await context.services.lookups.projects(project);
  const prefix = fillPrefix(known?.settings.storagePrefix ?? defaultTemplate, project);
  return { projectExists: Boolean(known), prefix, newKey: () => `${prefix}${context.ports.newId()}` };
}
