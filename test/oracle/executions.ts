import type { Input, PlainReport, Slotted } from "./requests.ts";
import { resolve } from "./resolve.ts";
import { newProject, type Outcome, type PlainExecution, type PlainLink, type World } from "./state.ts";

/** Final statuses. */
export const final = ["COMPLETED", "FAILED", "CANCELED", "CACHED", "SKIPPED"];
const moves: Record<string, string[]> = {
  QUEUED: ["RUNNING", "CANCELED", "CACHED", "SKIPPED"],
  RUNNING: ["COMPLETED", "FAILED", "CANCELED"],
};

/** The execution of an id, of the required type; otherwise adds `NOT_FOUND` to `problems`. */
export function find(world: World, id: string | undefined, problems: Set<string>, kind?: "run" | "step") {
  const found = world.executions.find((execution) => execution.id === id);
  const fits = found && (!kind || (kind === "step") === (found.run !== null));
  if (!fits) problems.add("NOT_FOUND");
  return fits ? found : undefined;
}

/** Creates a missing project. */
export function ensureProject(world: World, name: string): void {
  if (!world.projects.has(name)) world.projects.set(name, newProject(world.now));
}

/** A new execution; without times it ends now if its status is final, and began no later. */
export function newExecution(
  world: World,
  project: string,
  name: string,
  report: PlainReport,
  status: string,
): PlainExecution {
  const endedAt = report.endedAt ? Date.parse(report.endedAt) : final.includes(status) ? world.now : null;
  const began = status === "QUEUED" ? null : (endedAt ?? world.now);
  return {
    id: "",
    run: null,
    project,
    name,
    status,
    startedAt: report.startedAt ? Date.parse(report.startedAt) : began,
    endedAt,
    createdAt: world.now,
    error: report.error ?? null,
    parameters: report.parameters ?? {},
    metadata: report.metadata ?? {},
    metrics: report.metrics ?? {},
    tags: [...new Set(report.tags)],
    code: report.code ?? null,
    environment: report.environment ?? null,
    pipeline: null,
    parent: null,
    key: null,
    iteration: null,
    cachedFrom: report.cachedFrom ?? null,
  };
}

/** Records the edges of one call in order; existing edges stay unchanged. */
export function link(world: World, links: Omit<PlainLink, "at">[]): void {
  const same = (a: Omit<PlainLink, "at">, b: Omit<PlainLink, "at">) =>
    a.version === b.version &&
    a.execution === b.execution &&
    a.reads === b.reads &&
    a.slot === b.slot &&
    a.role === b.role;
  const places = { read: 0, made: 0 };
  for (const item of links) {
    const place = item.reads ? places.read++ : places.made++;
    if (!world.links.some((known) => same(known, item))) world.links.push({ ...item, at: [world.now, place] });
  }
}

/** An edge's slot and role, null by default. */
export function slotted({ slot, role }: Slotted) {
  return { slot: slot || null, role: role || null };
}
/** The outcome of a call with these problems. */
export function refused(problems: Set<string>): Outcome {
  return { codes: problems };
}

/** A new run with the fields that only runs have. */
export function newRun(world: World, input: Input<"publishRun"> | Input<"startRun">, status: string): PlainExecution {
  const { project, pipeline = null, parent = null, key = null, iteration = null } = input;
  const run = newExecution(world, project, input.name ?? pipeline ?? "run", input, status);
  return { ...run, pipeline, parent, key, iteration };
}

/** `startRun` in the model. */
export function startRun(world: World, input: Input<"startRun">, problems: Set<string>): Outcome {
  const { project, parent, status = "RUNNING" } = input;
  if (parent) find(world, parent, problems, "run");
  if (problems.size) return refused(problems);
  const run = newRun(world, input, status);
  ensureProject(world, project);
  world.executions.push(run);
  world.events.push({ type: "RUN_STARTED", project, execution: run });
  return { codes: null, created: true, execution: run };
}

/** `startStep` in the model. */
export function startStep(world: World, input: Input<"startStep">, problems: Set<string>): Outcome {
  const run = find(world, input.run, problems, "run");
  if (run && final.includes(run.status)) problems.add("ILLEGAL_TRANSITION");
  if (input.cachedFrom) find(world, input.cachedFrom, problems, "step");
  if (problems.size || !run) return refused(problems);
  const { status = "RUNNING" } = input;
  const step = { ...newExecution(world, run.project, input.name, input, status), run };
  world.executions.push(step);
  world.events.push({ type: "RUN_STARTED", project: run.project, execution: step });
  if (final.includes(status)) world.events.push({ type: "RUN_ENDED", project: run.project, execution: step });
  return { codes: null, created: true, execution: step };
}

function move(world: World, execution: PlainExecution, to: string, problems: Set<string>, endedAt?: string) {
  if (!moves[execution.status]?.includes(to)) problems.add("ILLEGAL_TRANSITION");
  const ended = endedAt ? Date.parse(endedAt) : Math.max(world.now, execution.startedAt ?? 0);
  const started = execution.status === "QUEUED" && to === "RUNNING" ? { startedAt: world.now } : {};
  return { status: to, ...started, ...(final.includes(to) && { endedAt: ended }) };
}

/** `updateExecution` in the model. */
export function updateExecution(world: World, input: Input<"updateExecution">, problems: Set<string>): Outcome {
  const execution = find(world, input.id, problems);
  if (!execution) return refused(problems);
  const { status, metadata, parameters, tags } = input;
  const moved = status ? move(world, execution, status, problems) : {};
  if (problems.size) return refused(problems);
  Object.assign(execution, moved);
  Object.assign(execution, {
    metadata: { ...execution.metadata, ...metadata },
    parameters: { ...execution.parameters, ...parameters },
    tags: [...new Set([...execution.tags.filter((tag) => !tags?.remove?.includes(tag)), ...(tags?.add ?? [])])],
  });
  const type = status && final.includes(status) ? "RUN_ENDED" : "RUN_UPDATED";
  const heartbeat = !status && !metadata && !parameters && !tags;
  if (!heartbeat) world.events.push({ type, project: execution.project, execution });
  return { codes: null, created: false, execution };
}

/** `endExecution` in the model. */
export function endExecution(world: World, input: Input<"endExecution">, problems: Set<string>): Outcome {
  const execution = find(world, input.id, problems);
  if (!execution) return refused(problems);
  const moved = move(world, execution, input.status, problems, input.endedAt);
  if (problems.size) return refused(problems);
  Object.assign(execution, moved, { error: input.error ?? null });
  world.events.push({ type: "RUN_ENDED", project: execution.project, execution });
  return { codes: null, created: false, execution };
}

/** `recordLineage` in the model. */
export function recordLineage(world: World, input: Input<"recordLineage">, problems: Set<string>): Outcome {
  const execution = find(world, input.execution, problems);
  const sides = [
    { list: input.inputs ?? [], reads: true },
    { list: input.outputs ?? [], reads: false },
  ];
  const found = sides.flatMap(({ list, reads }) =>
    list.map((item) => ({ version: resolve(world, item.version, problems), reads, ...slotted(item) })),
  );
  if (problems.size || !execution) return refused(problems);
  link(
    world,
    found.flatMap(({ version, ...rest }) => (version ? [{ ...rest, version, execution }] : [])),
  );
  if (found.length) world.events.push({ type: "LINEAGE_RECORDED", project: execution.project, execution });
  return { codes: null, created: false, execution };
}
