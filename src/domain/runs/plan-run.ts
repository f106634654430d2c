import { isGiven } from "../../lib/is-given.ts";
import { topologicalGroups } from "../../lib/topological-order.ts";
import type { InputSlotInput, OutputSlotInput, PublishRunInput, StepInput } from "../../model/execution.input.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { validateList, validateProjectName, validateSlot, validateTags } from "../core/validation.ts";
import { draftExecution } from "../recording/execution-draft.ts";
import type { NewRun, PlannedInput, PlannedOutput, Recording } from "../recording/plan.ts";
import { draftVersion } from "../recording/version-draft.ts";
import { draftRun, toExistingParent } from "./draft-run.ts";
import { findStepOutput, type PlannedStep } from "./step-outputs.ts";

/** The run or a step of the call, with its inputs as they were given. `field` (empty, or ending in a dot) is where it is in the call. */
interface PlannedExecution {
  id: string;
  field: string;
  inputs: InputSlotInput[];
  outputs: PlannedOutput[];
}

/** An output that names an existing version must not describe a new one too. */
function validateExistingOutput({ version: _, slot: __, role: ___, ...rest }: OutputSlotInput, field: string): void {
  const described = Object.entries(rest).find(([, value]) => isGiven(value));
  if (!described) return;
  const message = "cannot be combined with `version`: it describes a new version, and `version` names an existing one";
  throw invalid(`${field}${described[0]}`, message);
}

function planOutputs(
  ports: Pick<Ports, "newId" | "settings">,
  list: OutputSlotInput[],
  execution: string,
  project: string,
  field: string,
): PlannedOutput[] {
  return list.map((output, i): PlannedOutput => {
    const itemField = `${field}outputs[${i}].`;
    const { version: existing } = output;
    const outputProject = isGiven(output.project)
      ? validateProjectName(output.project, `${itemField}project`)
      : project;
    if (isGiven(existing)) validateExistingOutput(output, itemField);
    const version =
      typeof existing === "string"
        ? { text: existing, field: `${itemField}version` }
        : draftVersion(ports, output, outputProject, itemField);
    return { execution, ...validateSlot(output, itemField), version, outputCount: list.length };
  });
}

function planInputs(
  steps: ReadonlyMap<string, PlannedStep>,
  now: number,
  { id, inputs, field }: PlannedExecution,
): PlannedInput[] {
  return inputs.map((input, i): PlannedInput => {
    const itemField = `${field}inputs[${i}]`;
    const { version, step } = input;
    if (isGiven(version) === isGiven(step)) throw invalid(itemField, "give exactly one of `version` and `step`");
    const source = isGiven(version)
      ? { text: version, field: `${itemField}.version` }
      : findStepOutput(steps, input, now, itemField);
    return { execution: id, ...validateSlot(input, `${itemField}.`), source };
  });
}

/** Steps that need each other's outputs can never have run. A step may read its own output. */
function assertAcyclic(steps: StepInput[]): void {
  const needs = ({ inputs }: StepInput) => (inputs ?? []).flatMap(({ step }) => step ?? []);
  const groups = topologicalGroups(steps.map((step) => ({ id: step.name, before: needs(step) })));
  const cycle = groups.find((group) => group.length > 1);
  if (!cycle) return;
  const listed = cycle.slice(0, 10).map((name) => `"${name}"`);
  const more = cycle.length > listed.length ? ", ..." : "";
  throw invalid("steps", `steps must not read each other's outputs in a cycle: ${listed.join(", ")}${more}`);
}

interface DraftedStep {
  step: StepInput;
  field: string;
  draft: NewRun["steps"][number];
}

function draftSteps(context: RequestContext, input: PublishRunInput, run: ExecutionRow): DraftedStep[] {
  const steps = validateList(input.steps, "steps");
  const names = new Set<string>();
  const drafted = steps.map((step, i): DraftedStep => {
    const field = `steps[${i}].`;
    const { name, cachedFrom, status } = step;
    if (names.has(name)) throw invalid(`${field}name`, `duplicate step "${name}"`);
    names.add(name);
    const fields = { label: "Step" as const, project: input.project, name, status: status ?? "COMPLETED", cachedFrom };
    const properties = draftExecution(context, fields, run, step, field, i);
    return { step, field, draft: { properties, tags: validateTags(step.tags, `${field}tags`) } };
  });
  assertAcyclic(steps);
  return drafted;
}

/** The executions that must already exist: the parent of the run, and the steps that its own were cached from. */
function toExisting(input: PublishRunInput): Recording["existing"] {
  const cached = (input.steps ?? []).flatMap(({ cachedFrom }, i): Recording["existing"] =>
    isGiven(cachedFrom)
      ? [{ id: cachedFrom, field: `steps[${i}].cachedFrom`, label: "Step", action: "project:read" }]
      : [],
  );
  return [...toExistingParent(input.parent), ...cached];
}

/** Validates a whole run and plans what is recorded of it: the run, its steps, their outputs and inputs. Errors name the field of the input. */
export function planRun(context: RequestContext, input: PublishRunInput): Recording & { run: NewRun } {
  const { project } = input;
  const properties = draftRun(context, input, input.status ?? "COMPLETED");
  const drafted = draftSteps(context, input, properties);
  const toPlanned = (id: string, item: PublishRunInput | StepInput, field: string): PlannedExecution => ({
    id,
    field,
    inputs: validateList(item.inputs, `${field}inputs`),
    outputs: planOutputs(context.ports, validateList(item.outputs, `${field}outputs`), id, project, field),
  });
  const run = toPlanned(properties.id, input, "");
  const steps = drafted.map(({ step, field, draft }) => ({
    ...toPlanned(draft.properties.id, step, field),
    name: step.name,
    run: properties,
  }));
  const all = [run, ...steps];
  const stepsByName = new Map(steps.map((step) => [step.name, step]));
  return {
    project,
    run: { properties, tags: validateTags(input.tags, "tags"), steps: drafted.map(({ draft }) => draft) },
    existing: toExisting(input),
    outputs: all.flatMap(({ outputs }) => outputs),
    inputs: all.flatMap((item) => planInputs(stepsByName, properties.createdAt, item)),
  };
}
