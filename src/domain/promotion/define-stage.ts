import { type DefineStageInput, Stage } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize, validateRole } from "../core/permissions.ts";
import { validateSelectorName } from "../core/validation.ts";
import { validateGates, validateHolderGates } from "./gate-rules.ts";
import { displacedTo, fresh, lockStages, type OfProject, type StageRules, type Stages, toStage } from "./stages.ts";

const putStage = statement<{ stage: Value }, { key: string }>("define-stage");

const stagesWithSeveralHolders = statement<OfProject & { stage: string }, { artifactKey: string; versions: number }>(
  "stages-with-several-holders",
);

/** Former holders must come to rest: the stages that displace into each other may not form a circle. */
function validateDisplacement(stages: Stages, changed: StageRules): void {
  const target = changed.displacedTo;
  if (target !== null && !stages.has(target)) throw invalid("displacedTo", `the project has no stage ${target}`);
  const passed = new Set<string>();
  for (let at: StageRules | undefined = changed; at?.exclusive; at = stages.get(displacedTo(at) ?? "")) {
    if (!passed.has(at.name)) passed.add(at.name);
    else throw invalid("displacedTo", `former holders would go round in a circle: ${[...passed].join(", ")}`);
  }
}

async function assertSingleHolders(tx: Transaction, project: string, stage: string): Promise<void> {
  const several = await tx.run(stagesWithSeveralHolders, { project, stage });
  if (!several.length) return;
  const by = several.map(({ artifactKey, versions }) => `${versions} versions of ${artifactKey}`);
  throw new DomainError("IN_USE", `${stage} can't be exclusive: in it are ${by.slice(0, 5).join(", ")}`, { by });
}

/** Adds a stage to a project, or changes one: what is left out stays, null takes away. Making one exclusive that holds several versions of an artifact is `IN_USE`. */
export async function defineStage(
  context: RequestContext<"eventLog">,
  input: DefineStageInput,
): Promise<{ stage: Stage }> {
  const { project } = input;
  authorize(context.actor, "stage:define", project);
  const name = validateSelectorName(input.name, "name");
  const requiredRole = validateRole(input.requiredRole ?? null, "requiredRole");
  const { result } = await runIdempotent(context, async (tx) => {
    const stages = await lockStages(context.ports, tx, project);
    const before = stages.get(name) ?? fresh(name);
    const exclusive = input.exclusive ?? before.exclusive;
    const rules: StageRules = {
      name,
      exclusive,
      displacedTo: input.displacedTo === undefined ? before.displacedTo : input.displacedTo,
      requiredRole: input.requiredRole === undefined ? before.requiredRole : requiredRole,
      gates: input.gates === undefined ? before.gates : validateGates(input.gates, exclusive),
    };
    validateHolderGates(rules.gates, exclusive);
    stages.set(name, rules);
    for (const stage of stages.values()) validateDisplacement(stages, stage);
    if (rules.exclusive && !before.exclusive) await assertSingleHolders(tx, project, name);
    tx.send(putStage, {
      stage: { ...rules, gates: JSON.stringify(rules.gates), key: `${project}/${name}`, project },
    });
    return { result: rules, events: [{ type: "PROJECT_UPDATED", at: context.ports.now(), project, stage: name }] };
  });
  return { stage: toStage(project, result, null) };
}
