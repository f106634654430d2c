import type { UpdateProjectInput } from "../../model/project.ts";
import { invalid } from "../core/errors.ts";
import { validateText } from "../core/validation.ts";
import type { ProjectSettings } from "../recording/ensure-projects.ts";
import { fillPrefix } from "../recording/storage-prefix.ts";

/** Seconds. */
const longestSilence = 31_536_000;

export function validateProjectSettings(input: Omit<UpdateProjectInput, "name">, name: string): ProjectSettings {
  const { storagePrefix, staleAfterSeconds } = input;
  if (typeof storagePrefix === "string") fillPrefix(storagePrefix, name);
  if (typeof staleAfterSeconds === "number" && (staleAfterSeconds < 1 || staleAfterSeconds > longestSilence))
    throw invalid("staleAfterSeconds", `1 to ${longestSilence}, which is a year`);
  const description = validateText(input.description, "description");
  return { description, storagePrefix: storagePrefix ?? null, staleAfterSeconds: staleAfterSeconds ?? null };
}
