import { topologicalGroups } from "../../lib/topological-order.ts";
import type { InputSlotInput, OutputSlotInput, PublishRunInput, StepInput } from "../../model/execution.input.ts";
import type { Run } from "../../model/execution.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { loadRun } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { type ExecutionRow, toRun } from "../core/execution-row.ts";
import { type NewEvent, runIdempotent, toIdempotency } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateList, validateProjectName, validateSlot, validateTags } from "../core/validation.ts";
import { draftExecution, finalStatuses } from "../recording/execution-draft.ts";
import { executionEventFields } from "../recording/executions.ts";
import { validateManagedLocations } from "../recording/managed-locations.ts";
import { defaultName } from "../recording/number-versions.ts";
import { fillName } from "../recording/placeholders.ts";
import { isDraft, type PlannedInput, type PlannedOutput, type Recording } from "../recording/plan.ts";
import { type Recorded, record } from "../recording/record.ts";
import { draftVersion } from "../recording/version-draft.ts";

type Planned = {
  name: string | null;
  id: string;
  run: ExecutionRow;
  inputs: InputSlotInput[];
  outputs: PlannedOutput[];
  field: string;
};

/** What names a version that is there describes no new one. */
function checkOnlyVersion({ version: _, slot: __, role: ___, ...described }: OutputSlotInput, at: string): void {
  const stray = Object.entries(described).find(([, value]) => value !== null && value !== undefined);
  if (stray) throw invalid(`${at}${stray[0]}`, "describes a new version, and `version` names one that is there");
}

function planOutputs(
  ports: Pick<Ports, "newId" | "settings">,
  list: OutputSlotInput[],
  execution: string,
  project: string,
  field: string,
): PlannedOutput[] {
  return list.map((output, i): PlannedOutput => {
    const at = `${field}outputs[${i}].`;
    const { version } = output;
    const named = output.project ? validateProjectName(output.project, `${at}project`) : project;
    if (version) checkOnlyVersion(output, at);
    const made =
      typeof version === "string" ? { text: version, field: `${at}version` } : draftVersion(ports, output, named, at);
    return {
      execution,
      ...validateSlot(output, at),
      made,
      siblings: list.length,
    };
  });
}

/** The outputs of a step that a slot means, or else a name: as it was given, or as it is with its placeholders filled. */
function meant(maker: Planned, wanted: string, at: number): PlannedOutput[] {
  const bySlot = maker.outputs.filter((output) => output.slot === wanted);
  return bySlot.length ? bySlot : maker.outputs.filter((output) => isNamed(output, maker, wanted, at));
}

function isNamed(output: PlannedOutput, { run, name: step }: Planned, wanted: string, at: number): boolean {
  if (!isDraft(output.made)) return false;
  const { substitutions, template } = output.made;
  const pipeline = run.pipeline ?? run.name;
  const context = { at, run: run.name, pipeline, step, substitutions };
  return template === wanted || fillName(template ?? defaultName(output), context, "name") === wanted;
}

function outputOf(
  steps: Map<string, Planned>,
  { step, output }: InputSlotInput,
  at: number,
  field: string,
): PlannedOutput {
  const maker = steps.get(step ?? "");
  if (!maker) throw invalid(`${field}.step`, `there is no step "${step}" in this call`);
  const fitting = output ? meant(maker, output, at) : maker.outputs;
  const [only, ...others] = fitting;
  if (!only) throw invalid(`${field}.output`, `the step "${step}" has no output "${output ?? ""}"`);
  if (others.length)
    throw invalid(`${field}.output`, `the step "${step}" has ${fitting.length} outputs that fit: say which`);
  return only;
}

function planInputs(steps: Map<string, Planned>, now: number, { id, inputs, field }: Planned): PlannedInput[] {
  return inputs.map((input, i) => {
    const at = `${field}inputs[${i}]`;
    const { version, step } = input;
    if (Boolean(version) === Boolean(step)) throw invalid(at, "a version, or a step of this call, one of them");
    const read = version ? { text: version, field: `${at}.version` } : outputOf(steps, input, now, at);
    return {
      execution: id,
      ...validateSlot(input, `${at}.`),
      read,
    };
  });
}

/** Steps that need each other's outputs could never have run; a step that reads its own output is legal. */
function checkAcyclic(steps: StepInput[]): void {
  const needs = ({ inputs }: StepInput) => (inputs ?? []).flatMap(({ step }) => step ?? []);
  const groups = topologicalGroups(steps.map((step) => ({ id: step.name, before: needs(step) })));
  const cycle = groups.find((group) => group.length > 1);
  if (!cycle) return;
  const some = cycle.slice(0, 10).map((name) => `"${name}"`);
  throw invalid("steps", `a cycle among ${some.join(", ")}${cycle.length > some.length ? ", ..." : ""}`);
}

function planSteps(context: RequestContext, input: PublishRunInput, run: ExecutionRow) {
  const steps = validateList(input.steps, "steps");
  const names = new Set<string>();
  const rows = steps.map((step, i) => {
    const field = `steps[${i}].`;
    if (names.has(step.name)) throw invalid(`${field}name`, `"${step.name}" stands twice`);
    names.add(step.name);
    const { name, status, cachedFrom } = step;
    const fields = {
      label: "Step",
      project: input.project,
      name,
      status: status ?? "COMPLETED",
      cachedFrom,
    } as const;
    return {
      properties: draftExecution(context, fields, run, step, field, i),
      tags: validateTags(step.tags, `${field}tags`),
    };
  });
  checkAcyclic(steps);
  return rows;
}

function existingOf(input: PublishRunInput): Recording["existing"] {
  return [
    ...(input.parent ? [{ id: input.parent, field: "parent", label: "Run", action: "run:write" } as const] : []),
    ...(input.steps ?? []).flatMap((step, i) =>
      step.cachedFrom
        ? [{ id: step.cachedFrom, field: `steps[${i}].cachedFrom`, label: "Step", action: "project:read" } as const]
        : [],
    ),
  ];
}

function plan(context: RequestContext, input: PublishRunInput): Recording & { run: NonNullable<Recording["run"]> } {
  const { project, pipeline, parent, key, iteration } = input;
  const fields = {
    label: "Run",
    project,
    name: input.name ?? pipeline ?? "run",
    status: input.status ?? "COMPLETED",
    pipeline,
    parent,
    key,
    iteration,
  } as const;
  const properties = draftExecution(context, fields, null, input, "");
  const steps = planSteps(context, input, properties);
  const planned = (id: string, name: string | null, item: PublishRunInput | StepInput, field: string): Planned => ({
    id,
    name,
    run: properties,
    field,
    inputs: validateList(item.inputs, `${field}inputs`),
    outputs: planOutputs(context.ports, validateList(item.outputs, `${field}outputs`), id, project, field),
  });
  const all = [
    planned(properties.id, null, input, ""),
    ...(input.steps ?? []).map((step, i) => planned(steps[i]?.properties.id ?? "", step.name, step, `steps[${i}].`)),
  ];
  const byName = new Map(all.flatMap((item) => (item.name === null ? [] : [[item.name, item] as const])));
  return {
    project,
    run: { properties, tags: validateTags(input.tags, "tags"), steps },
    existing: existingOf(input),
    outputs: all.flatMap((item) => item.outputs),
    inputs: all.flatMap((item) => planInputs(byName, properties.createdAt, item)),
  };
}

function eventsOf(recording: ReturnType<typeof plan>, recorded: Recorded): NewEvent[] {
  const { properties } = recording.run;
  const about = executionEventFields(properties);
  const ended: NewEvent[] = finalStatuses.includes(properties.status)
    ? [{ ...about, type: "RUN_ENDED", at: recorded.end }]
    : [];
  return [{ ...about, type: "RUN_STARTED", at: properties.createdAt }, ...recorded.events, ...ended];
}

/**
 * Publishes a whole run: the run, its steps, new versions with their artifacts (created when missing) and all edges, in one transaction
 * and at most 12 statements whatever its size. The same `key` and input give the same run, `created: false`.
 */
export async function publishRun(
  context: RequestContext<"eventLog" | "lookups">,
  input: PublishRunInput,
): Promise<{ run: Run; created: boolean }> {
  validateProjectName(input.project, "project");
  authorize(context.actor, "run:write", input.project);
  const recording = plan(context, input);
  await validateManagedLocations(context, recording);
  const idempotency = toIdempotency("publishRun", input.project, input.key, input);
  const { result, created } = await runIdempotent(
    context,
    async (tx) => {
      const recorded = await record(context, tx, recording);
      return { result: recording.run.properties.id, events: eventsOf(recording, recorded) };
    },
    idempotency,
  );
  const mine = result === recording.run.properties.id;
  return { run: mine ? toRun(recording.run.properties) : await loadRun(context.ports, result), created };
}
