import { isGiven } from "../../lib/is-given.ts";
import type { UpdateProjectInput } from "../../model/project.ts";
import { invalid } from "../core/errors.ts";
import { validateText } from "../core/validation.ts";
import type { ProjectSettings } from "../recording/ensure-projects.ts";
import { fillPrefix } from "../recording/storage-prefix.ts";

/** A year. */
const maxStaleAfterSeconds = 31_536_000;

/** Validates the settings of the project with this name; those that were omitted are null. */
export function validateProjectSettings(input: Omit<UpdateProjectInput, "name">, name: string): ProjectSettings {
  const { storagePrefix, staleAfterSeconds: seconds } = input;
  if (isGiven(storagePrefix)) fillPrefix(storagePrefix, name);
  if (isGiven(seconds) && (seconds < 1 || seconds > maxStaleAfterSeconds))
    throw invalid("staleAfterSeconds", `must be 1 to ${maxStaleAfterSeconds} seconds (a year), not ${seconds}`);
  const description = validateText(input.description, "description");
  return { description, storagePrefix: storagePrefix ?? null, staleAfterSeconds: seconds ?? null };
}
