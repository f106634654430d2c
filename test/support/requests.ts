import fc from "fast-check";
import type { PlainInput, PlainOutput, PlainReport, Request } from "../oracle/requests.ts";
import type { World } from "../oracle/state.ts";
import { toChange } from "./change-requests.ts";
import {
  anyMetadata,
  flawed,
  metadata,
  type Picker,
  picker,
  reference,
  type Stage,
  slotted,
  spec,
  tags,
} from "./pieces.ts";

/** A future request: numbers that pick among the existing items when its turn comes, and how far the clock moves before it. */
export interface Intent {
  verb: string;
  tick: number;
  picks: number[];
}

const statuses = ["QUEUED", "RUNNING", "COMPLETED", "FAILED", "CANCELED", "CACHED", "SKIPPED"];

function executionId(world: World, p: Picker, kind?: "run" | "step"): string {
  const all = world.executions.filter((execution) => !kind || (kind === "step") === (execution.run !== null));
  const some = p.chance(4) ? undefined : p.pick(p.chance(60) ? all.slice(-6) : all);
  return some?.id ?? "00000000-0000-4000-8000-00000000000a";
}

function report(p: Picker): PlainReport {
  const meta = p.pick(metadata);
  return {
    ...(meta && { parameters: meta }),
    ...(p.chance(30) && { metrics: { acc: 0.25 }, code: { commit: "abc" }, environment: { os: ["ü"] } }),
    tags: p.some(tags, 2),
  };
}

function logVersion(world: World, stage: Stage, p: Picker): Request {
  const stepped = world.executions.some(({ run }) => run);
  const producer =
    p.chance(40) && world.executions.length
      ? {
          ...(p.chance(50) || !stepped
            ? { run: executionId(world, p, "run") }
            : { step: executionId(world, p, "step") }),
          ...slotted(p),
        }
      : undefined;
  const inputs = Array.from({ length: p.chance(35) ? p.count(3) : 0 }, () => reference(world, p));
  const key = p.chance(20) ? { key: `k${p.count(9)}` } : {};
  const project = p.pick(stage.projects) ?? "";
  const { flaw, input } = flawed(spec(world, stage, project, p), p);
  return {
    verb: "logVersion",
    input: { project, ...input, ...(producer && { producer }), inputs, ...key },
    ...(flaw && { flaw }),
  };
}

/** A step reads existing versions or outputs of earlier steps, now and then its own. */
function stepInputs(world: World, p: Picker, before: string[]): PlainInput[] {
  return Array.from({ length: p.count(2) }, () => {
    const step = p.chance(50) ? p.pick(before) : undefined;
    return step ? { ...slotted(p), step, output: "made" } : { ...slotted(p), version: reference(world, p) };
  });
}

function outputs(world: World, stage: Stage, own: string, p: Picker, first: string): PlainOutput[] {
  return Array.from({ length: p.count(2) }, (_, i) => {
    if (i > 0 && p.chance(30)) return { slot: "old", version: reference(world, p) };
    const other = p.chance(10) ? { project: stage.projects[0] ?? "" } : {};
    const { name, ...rest } = spec(world, stage, other.project ?? own, p);
    return { ...rest, ...other, slot: i ? "second" : first, ...(p.chance(60) && name && { name }) };
  });
}

function publishRun(world: World, stage: Stage, p: Picker): Request {
  const made: string[] = [];
  const project = p.pick(stage.projects) ?? "";
  const steps = Array.from({ length: p.count(3) }, (_, i) => {
    const name = `schritt ${i}`;
    const given = outputs(world, stage, project, p, "made");
    if (given.length) made.push(name);
    const status = p.chance(20) ? p.pick(statuses) : undefined;
    const cachedFrom = p.chance(10) ? executionId(world, p, "step") : undefined;
    const inputs = stepInputs(world, p, made);
    return { name, ...report(p), ...(status && { status }), ...(cachedFrom && { cachedFrom }), inputs, outputs: given };
  });
  const status = p.chance(30) ? p.pick(statuses) : undefined;
  const named = { ...(p.chance(60) && { pipeline: "trainieren" }), ...(p.chance(40) && { name: "Lauf ü" }) };
  const own = outputs(world, stage, project, p, "made").map((output) =>
    output.version ? output : { ...output, name: output.name ?? "own" },
  );
  const cycle = p.chance(3);
  if (cycle)
    steps.push(
      { name: "cycle a", inputs: [{ step: "cycle b" }], outputs: [{ name: "x" }] },
      { name: "cycle b", inputs: [{ step: "cycle a" }], outputs: [{ name: "y" }] },
    );
  const { inputs } = {
    inputs: Array.from({ length: p.count(2) }, () => ({ ...slotted(p), version: reference(world, p) })),
  };
  return {
    verb: "publishRun",
    ...(cycle && { flaw: "INVALID_INPUT" }),
    input: {
      project,
      ...named,
      ...report(p),
      ...(status && { status }),
      ...(p.chance(20) && { parent: executionId(world, p, "run") }),
      ...(p.chance(20) && { key: `k${p.count(9)}` }),
      ...(p.chance(10) && { iteration: 2, error: "kaputt" }),
      inputs,
      outputs: own,
      steps,
    },
  };
}

function startRun(world: World, stage: Stage, p: Picker): Request {
  const status = p.chance(40) ? p.pick(["QUEUED", "RUNNING", "QUEUED", "COMPLETED"]) : undefined;
  const parent = p.chance(25) ? { parent: executionId(world, p, "run") } : {};
  const key = p.chance(25) ? { key: `k${p.count(9)}` } : {};
  const { metrics: _metrics, ...fields } = report(p);
  return {
    verb: "startRun",
    ...(status === "COMPLETED" && { flaw: "INVALID_INPUT" }),
    input: {
      project: p.pick(stage.projects) ?? "",
      pipeline: "推論",
      ...fields,
      ...(status && { status }),
      ...parent,
      ...key,
    },
  };
}

function startStep(world: World, p: Picker): Request {
  const { metrics: _metrics, ...fields } = report(p);
  const status = p.chance(40) ? p.pick([...statuses, "STALE"]) : undefined;
  return {
    verb: "startStep",
    ...(status === "STALE" && { flaw: "INVALID_INPUT" }),
    input: {
      run: executionId(world, p, "run"),
      name: p.must(["eins", "zwei"]),
      ...fields,
      ...(status && { status }),
      ...(p.chance(25) && { key: `k${p.count(3)}` }),
      ...(p.chance(15) && { cachedFrom: executionId(world, p, "step") }),
    },
  };
}

function updateExecution(world: World, p: Picker): Request {
  const status = p.chance(40) ? p.pick(statuses) : undefined;
  const meta = p.chance(40) ? anyMetadata(p) : undefined;
  const changed = p.chance(40) ? { tags: { add: [p.pick(tags) ?? "rot"], remove: p.some(tags, 1) } } : {};
  const input = { id: executionId(world, p), ...(status && { status }), ...(meta && { metadata: meta }), ...changed };
  return { verb: "updateExecution", input: p.chance(20) ? { ...input, parameters: { rate: 0.1 } } : input };
}

function endExecution(world: World, p: Picker): Request {
  const status = p.chance(80) ? p.must(["COMPLETED", "FAILED", "CANCELED"]) : p.must(["CACHED", "SKIPPED", "RUNNING"]);
  const endedAt = p.chance(15) ? { endedAt: new Date(p.must([0, 4_000_000_000_000])).toISOString() } : {};
  const error = p.chance(30) ? { error: "Fehler ✗" } : {};
  return {
    verb: "endExecution",
    ...(status === "RUNNING" && { flaw: "INVALID_INPUT" }),
    input: { id: executionId(world, p), status, ...error, ...endedAt },
  };
}

function recordLineage(world: World, p: Picker): Request {
  const side = () => Array.from({ length: p.count(2) }, () => ({ ...slotted(p), version: reference(world, p) }));
  return { verb: "recordLineage", input: { execution: executionId(world, p), inputs: side(), outputs: side() } };
}

function createProject(stage: Stage, p: Picker): Request {
  const name = p.chance(20) ? p.must(["ä", "", "-x", "a/b"]) : (p.pick(stage.projects) ?? "");
  const flaw = stage.projects.includes(name) ? {} : { flaw: "INVALID_INPUT" };
  return { verb: "createProject", ...flaw, input: { name, ...(p.chance(50) && { description: "Über" }) } };
}

/** The same request again: unchanged, or under the same key with other content. */
function repeat(earlier: Request[], p: Picker): Request | undefined {
  const keyed = earlier.filter(({ input }) => "key" in input && input.key);
  const request = p.pick(keyed);
  if (!request || !p.chance(40)) return request;
  return { ...request, input: { ...request.input, tags: ["anders"] } } as Request;
}

/** The request of an intent, given what the model knows and which requests came before. */
export function toRequest(world: World, stage: Stage, { verb, picks }: Intent, earlier: Request[]): Request {
  const p = picker(picks);
  const repeated = verb === "repeat" ? repeat(earlier, p) : undefined;
  if (repeated) return repeated;
  if (verb === "publishRun") return publishRun(world, stage, p);
  if (verb === "startRun") return startRun(world, stage, p);
  if (verb === "startStep") return startStep(world, p);
  if (verb === "updateExecution") return updateExecution(world, p);
  if (verb === "endExecution") return endExecution(world, p);
  if (verb === "recordLineage") return recordLineage(world, p);
  if (verb === "createProject") return createProject(stage, p);
  return toChange(world, stage, verb, p) ?? logVersion(world, stage, p);
}

const weights = {
  logVersion: 36,
  publishRun: 10,
  startRun: 6,
  startStep: 6,
  updateExecution: 5,
  endExecution: 4,
  recordLineage: 7,
  createProject: 1,
  repeat: 4,
  updateVersion: 14,
  updateArtifact: 4,
  updateProject: 2,
  setAlias: 10,
  removeAlias: 6,
  deleteVersion: 10,
  deleteArtifact: 3,
  prune: 4,
};

const makers = { logVersion: 6, publishRun: 2, startRun: 1 };

function intents(verbs: Record<string, number>, count: number): fc.Arbitrary<(Intent | null)[]> {
  const verb = fc.oneof(...Object.entries(verbs).map(([name, weight]) => ({ arbitrary: fc.constant(name), weight })));
  const intent = fc.record({
    verb,
    tick: fc.constantFrom(0, 0, 0, 0, 1, 1, 7, -3),
    picks: fc.array(fc.nat(9_999), { minLength: 60, maxLength: 120, size: "max" }),
  });
  return fc.array(fc.option(intent, { freq: 200, nil: null }), { minLength: count, maxLength: count });
}

/** The number of calls of a history: mostly few, so that there can be many histories. */
const calls = { short: 30, long: 100, opening: 6 };

function historyOf(count: number): fc.Arbitrary<(Intent | null)[]> {
  return fc
    .tuple(intents(makers, calls.opening), intents(weights, count - calls.opening))
    .map(([first, rest]) => [...first, ...rest]);
}

/**
 * Intents. The first creates something, and one history in ten is long. Mostly the clock stands still, and now and then it goes back. Shrinking
 * removes intents.
 */
export const history: fc.Arbitrary<(Intent | null)[]> = fc.oneof(
  { arbitrary: historyOf(calls.short), weight: 9 },
  { arbitrary: historyOf(calls.long), weight: 1 },
);
