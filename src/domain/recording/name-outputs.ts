import type { Ports } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { validateArtifactName } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import type { Executions } from "./executions.ts";
import { validateLocation } from "./locations.ts";
import { fillLocation, fillName } from "./placeholders.ts";
import { isDraft, type PlannedOutput, type Recording } from "./plan.ts";
import type { VersionDraft } from "./version-draft.ts";

/** A new version whose artifact is known: placeholders in its name and location are filled. */
export interface NamedOutput {
  output: PlannedOutput;
  draft: VersionDraft;
  /** The artifact's name and key. */
  name: string;
  key: string;
  location: string | null;
  size: number | null;
  digest: string | null;
}

/** The name template of a step's output that was given no name: with its slot when the step has several outputs. */
export function defaultName(output: PlannedOutput): string {
  return output.outputCount > 1 && output.slot ? `{pipeline}::{step}::${output.slot}` : "{pipeline}::{step}::output";
}

/** The run and step that produced an output, as its placeholders name them. */
function toNameContext(producer: ReturnType<Executions["get"]>, { substitutions }: VersionDraft, at: number) {
  const run = producer?.run ?? (producer?.execution.label === "Run" ? producer.execution : null);
  const step = producer?.execution.label === "Step" ? producer.execution.name : null;
  return { at, run: run?.name, runId: run?.id ?? null, pipeline: run?.pipeline ?? run?.name, step, substitutions };
}

function nameOutput(
  { settings }: Pick<Ports, "settings">,
  output: PlannedOutput,
  draft: VersionDraft,
  executions: Executions,
  at: number,
): NamedOutput {
  const context = toNameContext(executions.get(output.execution ?? ""), draft, at);
  const nameField = `${draft.field}name`;
  if (draft.template === null && !context.step)
    throw invalid(nameField, "a name is required (only step outputs have a default name)");
  const template = draft.template ?? defaultName(output);
  const name = validateArtifactName(fillName(template, context, nameField), nameField);
  const { location, size, digest } = draft.properties;
  const locationField = `${draft.field}location`;
  const filled = location && fillLocation(location, draft.project, context.runId, locationField);
  // Validated again: filled placeholders may lead to another host, or out of the root.
  if (filled) validateLocation(filled, settings.locationSchemes, locationField);
  return { output, draft, name, key: artifactKey(draft.project, name), location: filled, size, digest };
}

/**
 * Fills the placeholders in the names and locations of a call's new versions; `at` is what `{date}` and `{time}` stand for. `INVALID_INPUT`
 * when a placeholder is unknown, or a name or location is not allowed once it is filled.
 */
export function nameOutputs(
  ports: Pick<Ports, "settings">,
  recording: Recording,
  executions: Executions,
  at: number,
): NamedOutput[] {
  return recording.outputs.flatMap((output) =>
    isDraft(output.version) ? [nameOutput(ports, output, output.version, executions, at)] : [],
  );
}
