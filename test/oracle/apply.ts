import { removeAlias, setAlias, updateArtifact, updateProject, updateVersion } from "./changes.ts";
import { deleteArtifact, deleteVersion, prune } from "./deletion.ts";
import { endExecution, recordLineage, refused, startRun, startStep, updateExecution } from "./executions.ts";
import { canonical } from "./placing.ts";
import type { Input, Request } from "./requests.ts";
import { newProject, type Outcome, type World } from "./state.ts";
import { logVersion, publishRun } from "./versions.ts";

function createProject(world: World, input: Input<"createProject">, problems: Set<string>): Outcome {
  if (world.projects.has(input.name)) problems.add("ALREADY_EXISTS");
  if (problems.size) return refused(problems);
  world.projects.set(input.name, { ...newProject(world.now), description: input.description ?? null });
  world.events.push({ type: "PROJECT_UPDATED", project: input.name });
  return { codes: null, created: true };
}

type Verbs = { [V in Request["verb"]]: (world: World, input: Input<V>, problems: Set<string>) => Outcome };
const verbs: Verbs = {
  createProject,
  logVersion,
  publishRun,
  startRun,
  startStep,
  updateExecution,
  endExecution,
  recordLineage,
  updateVersion,
  updateArtifact,
  updateProject,
  setAlias,
  removeAlias,
  deleteVersion,
  deleteArtifact,
  prune,
};

function once(world: World, { verb, input }: Request, problems: Set<string>): Outcome {
  return verbs[verb](world, input as never, problems);
}

function keyOf({ verb, input }: Request): string | undefined {
  if (!("key" in input) || !input.key) return undefined;
  return `${verb} ${"run" in input ? input.run : input.project} ${input.key}`;
}

/** Applies a request, or returns the codes of its possible refusals; a refused request changes nothing. */
export function apply(world: World, request: Request): Outcome {
  const problems = new Set(request.flaw ? [request.flaw] : []);
  const key = keyOf(request);
  const earlier = key ? world.keys.get(key) : undefined;
  // The schema gives these a default status, so that the service sees no difference.
  const defaults = request.verb === "startRun" || request.verb === "startStep" ? { status: "RUNNING" } : {};
  const content = canonical({ ...defaults, ...request.input });
  if (earlier && earlier.content !== content) problems.add("CONFLICT");
  else if (earlier && !earlier.result.codes) return { ...earlier.result, created: false };
  const result = once(world, request, problems);
  if (key && !result.codes) world.keys.set(key, { content, result });
  return result;
}
