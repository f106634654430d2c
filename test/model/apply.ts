import { endExecution, recordLineage, refused, startRun, startStep, updateExecution } from "./executions.ts";
import { canonical } from "./placing.ts";
import type { Input, Request } from "./requests.ts";
import type { Outcome, World } from "./state.ts";
import { logVersion, publishRun } from "./versions.ts";

const createProject = (world: World, input: Input<"createProject">, problems: Set<string>): Outcome => {
  if (world.projects.has(input.name)) problems.add("ALREADY_EXISTS");
  if (problems.size) return refused(problems);
  world.projects.set(input.name, { description: input.description ?? null, createdAt: world.now });
  world.events.push({ type: "PROJECT_UPDATED", project: input.name });
  return { codes: null, created: true };
};

const once = (world: World, request: Request, problems: Set<string>): Outcome => {
  switch (request.verb) {
    case "createProject":
      return createProject(world, request.input, problems);
    case "logVersion":
      return logVersion(world, request.input, problems);
    case "publishRun":
      return publishRun(world, request.input, problems);
    case "startRun":
      return startRun(world, request.input, problems);
    case "startStep":
      return startStep(world, request.input, problems);
    case "updateExecution":
      return updateExecution(world, request.input, problems);
    case "endExecution":
      return endExecution(world, request.input, problems);
    case "recordLineage":
      return recordLineage(world, request.input, problems);
  }
};

const keyOf = ({ verb, input }: Request): string | undefined => {
  if (!("key" in input) || !input.key) return undefined;
  return `${verb} ${"run" in input ? input.run : input.project} ${input.key}`;
};

/** Does what a request asks for, or says with which codes it may be refused; a refused one changes nothing. */
export const apply = (world: World, request: Request): Outcome => {
  const problems = new Set(request.flaw ? [request.flaw] : []);
  const key = keyOf(request);
  const earlier = key ? world.keys.get(key) : undefined;
  // The schema gives these a status when none is given, so that the service sees no difference.
  const defaults = request.verb === "startRun" || request.verb === "startStep" ? { status: "RUNNING" } : {};
  const content = canonical({ ...defaults, ...request.input });
  if (earlier && earlier.content !== content) problems.add("CONFLICT");
  else if (earlier && !earlier.result.codes) return { ...earlier.result, created: false };
  const result = once(world, request, problems);
  if (key && !result.codes) world.keys.set(key, { content, result });
  return result;
};
