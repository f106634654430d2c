import { ensureProject, final, find, link, newExecution, newRun, refused, slotted } from "./executions.ts";
import { type Asked, commit, place } from "./placing.ts";
import type { Input, PlainOutput, PlainReport } from "./requests.ts";
import { resolve } from "./resolve.ts";
import type { Outcome, PlainExecution, PlainVersion, World } from "./state.ts";

/** What made a version: its producer, or the run that is recorded because of inputs without one. */
function makerOf(world: World, { producer, inputs, project }: Input<"logVersion">, problems: Set<string>) {
  const { run, step } = producer ?? {};
  if (producer) return { named: find(world, run ?? step, problems, run ? "run" : "step") };
  return inputs?.length ? { unnamed: newExecution(world, project, "", {}, "COMPLETED") } : {};
}

/** `logVersion` in the model. */
export function logVersion(world: World, input: Input<"logVersion">, problems: Set<string>): Outcome {
  const { producer, inputs = [], project } = input;
  const { named, unnamed } = makerOf(world, input, problems);
  const maker = named ?? unnamed ?? null;
  const read = inputs.flatMap((ref) => resolve(world, ref, problems) ?? []);
  const asked: Asked[] = [{ spec: input, project, maker }];
  const plan = place(world, asked, problems);
  const [only] = plan.placed;
  if (problems.size || !only) return refused(problems);
  const { version, created } = only;
  ensureProject(world, project);
  if (unnamed) {
    unnamed.name = only.artifact.name;
    world.executions.push(unnamed);
    world.events.push({ type: "RUN_STARTED", project, execution: unnamed });
  }
  commit(world, asked, plan);
  if (maker) {
    const made = { version, execution: maker, reads: false, ...slotted(producer ?? {}) };
    link(world, [...read.map((item) => ({ version: item, execution: maker, reads: true, ...slotted({}) })), made]);
  }
  if (unnamed) world.events.push({ type: "RUN_ENDED", project, execution: unnamed });
  if (named && !created) world.events.push({ type: "LINEAGE_RECORDED", project: named.project, execution: named });
  return { codes: null, created, version, ...(unnamed && { execution: unnamed }) };
}

type Member = { execution: PlainExecution; report: PlainReport };
type Made = { execution: PlainExecution; output: PlainOutput; version?: PlainVersion };

function membersOf(world: World, input: Input<"publishRun">, problems: Set<string>): [Member, ...Member[]] {
  const run = newRun(world, input, input.status ?? "COMPLETED");
  if (input.parent) find(world, input.parent, problems, "run");
  const steps = (input.steps ?? []).map((step): Member => {
    if (step.cachedFrom) find(world, step.cachedFrom, problems, "step");
    const execution = newExecution(world, input.project, step.name, step, step.status ?? "COMPLETED");
    return { execution: { ...execution, run }, report: step };
  });
  return [{ execution: run, report: input }, ...steps];
}

/** Outputs of executions, so far only existing versions. */
function outputsOf(world: World, { execution, report }: Member, problems: Set<string>): Made[] {
  return (report.outputs ?? []).map((output) => {
    const version = output.version && resolve(world, output.version, problems);
    return { execution, output, ...(version && { version }) };
  });
}

function readsOf(world: World, { execution, report }: Member, outputs: Made[], problems: Set<string>) {
  return (report.inputs ?? []).flatMap((item) => {
    const named = ({ output }: Made) => !item.output || [output.slot, output.name].includes(item.output);
    const made = outputs.filter(({ execution: maker }) => maker.run && maker.name === item.step).find(named);
    const version = item.version ? resolve(world, item.version, problems) : made?.version;
    return version ? [{ version, execution, reads: true, ...slotted(item) }] : [];
  });
}

/** New outputs as versions to log; those of steps get a default name. */
function askedFor(outputs: Made[], run: PlainExecution): Asked[] {
  return outputs.flatMap(({ execution, output }): Asked[] => {
    if (output.version) return [];
    const many = outputs.filter((other) => other.execution === execution).length > 1;
    const what = many && output.slot ? output.slot : "output";
    const defaultName = `${run.pipeline ?? run.name}::${execution.name}::${what}`;
    return [{ spec: output, project: output.project ?? run.project, maker: execution, defaultName }];
  });
}

/** `publishRun` in the model. */
export function publishRun(world: World, input: Input<"publishRun">, problems: Set<string>): Outcome {
  const members = membersOf(world, input, problems);
  const [{ execution: run }] = members;
  const outputs = members.flatMap((member) => outputsOf(world, member, problems));
  const asked = askedFor(outputs, run);
  const plan = place(world, asked, problems);
  const fresh = outputs.filter(({ output }) => !output.version);
  for (const [i, { version }] of plan.placed.entries()) Object.assign(fresh[i] ?? {}, { version });
  const reads = members.flatMap((member) => readsOf(world, member, outputs, problems));
  if (problems.size) return refused(problems);
  for (const project of [run.project, ...asked.map((item) => item.project)]) ensureProject(world, project);
  world.executions.push(...members.map(({ execution }) => execution));
  const about = { project: run.project, execution: run };
  world.events.push({ type: "RUN_STARTED", ...about });
  commit(world, asked, plan);
  if (final.includes(run.status)) world.events.push({ type: "RUN_ENDED", ...about });
  const made = new Map<PlainExecution, PlainVersion[]>(members.map(({ execution }) => [execution, []]));
  const makes = outputs.flatMap(({ execution, output, version }) => {
    if (!version) return [];
    made.get(execution)?.push(version);
    return [{ version, execution, reads: false, ...slotted(output) }];
  });
  link(world, [...reads, ...makes]);
  return { codes: null, created: true, execution: run, made };
}
