import type { Parameters, Step } from "./pipeline.ts";

const code = { entryPoint: "demo/pipeline.ts" };

/** What both ways of recording say of a run. */
export function describeRun(parameters: Parameters) {
  return {
    pipeline: "seattle-weather",
    name: `seattle-weather, depth ${parameters.maxDepth}`,
    parameters,
    tags: ["demo"],
    metadata: { purpose: "shows what Pedigree records" },
    code,
    environment: { node: process.versions.node },
  };
}

/** What both ways of recording say of a step before it runs: its code, so that a recipe is complete, and the parameters that it uses. */
export function describeStep(step: Step, parameters: Parameters) {
  return {
    name: step.name,
    code: { entryPoint: `${code.entryPoint}#${step.name}` },
    parameters: Object.fromEntries(step.parameters.map((name) => [name, parameters[name]])),
  };
}

/** Reads what earlier steps of the run made. Throws when nothing of that name was made. */
export function reader(contents: Map<string, string>) {
  return (name: string): string => {
    const text = contents.get(name);
    if (text === undefined) throw new Error(`no step has made "${name}" yet`);
    return text;
  };
}
