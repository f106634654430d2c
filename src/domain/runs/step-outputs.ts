import { isGiven } from "../../lib/is-given.ts";
import type { InputSlotInput } from "../../model/execution.input.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { defaultName } from "../recording/name-outputs.ts";
import { fillName } from "../recording/placeholders.ts";
import { isDraft, type PlannedOutput } from "../recording/plan.ts";

/** A step of a call with its run and what it makes. */
export interface PlannedStep {
  name: string;
  run: ExecutionRow;
  outputs: PlannedOutput[];
}

/** Whether an output is a new version with this name, either as it was given or with its placeholders filled. */
function hasName({ run, name: step }: PlannedStep, output: PlannedOutput, name: string, now: number): boolean {
  if (!isDraft(output.version)) return false;
  const { substitutions, template } = output.version;
  const context = { at: now, run: run.name, pipeline: run.pipeline ?? run.name, step, substitutions };
  return template === name || fillName(template ?? defaultName(output), context, "name") === name;
}

/** The outputs of a step in this slot, or else those of this name. */
function findOutputs(step: PlannedStep, slotOrName: string, now: number): PlannedOutput[] {
  const inSlot = step.outputs.filter((output) => output.slot === slotOrName);
  return inSlot.length ? inSlot : step.outputs.filter((output) => hasName(step, output, slotOrName, now));
}

/**
 * The output of a step of the same call that an input reads, by slot or name; without either the step must have one output. `now`, in
 * milliseconds, fills the placeholders of names. `INVALID_INPUT` names the input's `field` when no output fits, or more than one.
 */
export function findStepOutput(
  steps: ReadonlyMap<string, PlannedStep>,
  { step: name, output: slotOrName }: InputSlotInput,
  now: number,
  field: string,
): PlannedOutput {
  const step = steps.get(name ?? "");
  if (!step) throw invalid(`${field}.step`, `this call has no step "${name}"`);
  const matching = isGiven(slotOrName) ? findOutputs(step, slotOrName, now) : step.outputs;
  const [match] = matching;
  if (!match) {
    const which = isGiven(slotOrName) ? `no output "${slotOrName}"` : "no outputs";
    throw invalid(`${field}.output`, `step "${name}" has ${which}`);
  }
  if (matching.length > 1) {
    const message = `${matching.length} outputs of step "${name}" match: give the slot or name of one`;
    throw invalid(`${field}.output`, message);
  }
  return match;
}
