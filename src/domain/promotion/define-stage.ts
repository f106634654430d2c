import * as v from "valibot";
import type { DefineStageInput, Stage } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { stageKey } from "../core/default-stages.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { type NewEvent, runIdempotent } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { authorize, type Role, validateRole } from "../core/permissions.ts";
import { validateSelectorName } from "../core/validation.ts";
import { lockSelectorNames } from "../recording/lock-selector-names.ts";
import { validateGates, validateHolderGates } from "./gate-rules.ts";
import { recordStageChange } from "./stage-changes.ts";
import {
  getDisplacementStage,
  lockStages,
  newStageRules,
  type StageRules,
  type Stages,
  toShownRules,
  toStage,
  writeStage,
} from "./stages.ts";
import { authorizeChange } from "./weaken.ts";

const findStagesWithSeveralHolders = statement({
  name: "stages-with-several-holders",
  params: { project: v.string(), stage: v.string() },
  row: { artifactKey: v.string(), versions: v.number() },
});

const findSelectorByName = statement({
  name: "find-selector-by-name",
  params: { project: v.string(), name: v.string() },
  row: { key: v.string() },
});

/** Former holders must come to rest somewhere: stages must not displace into each other in a cycle. */
function validateDisplacement(stages: Stages, changed: StageRules): void {
  const target = changed.displacedTo;
  if (target !== null && !stages.has(target)) {
    throw invalid("displacedTo", `the project has no stage "${target}", only ${[...stages.keys()].join(", ")}`);
  }
  const path: string[] = [];
  for (let at: StageRules | undefined = changed; at?.exclusive; at = stages.get(getDisplacementStage(at) ?? "")) {
    const cycle = path.includes(at.name) ? [...path.slice(path.indexOf(at.name)), at.name] : null;
    if (cycle) throw invalid("displacedTo", `exclusive stages must not form a cycle: ${cycle.join(" -> ")}`);
    path.push(at.name);
  }
}

async function assertSingleHolders(tx: Transaction, project: string, stage: string): Promise<void> {
  const several = await tx.run(findStagesWithSeveralHolders, { project, stage });
  if (!several.length) return;
  const by = several.map(({ artifactKey, versions }) => `${versions} versions of ${artifactKey}`);
  const message = `stage "${stage}" cannot become exclusive: it holds ${by.slice(0, 5).join(", ")}`;
  throw new DomainError("IN_USE", message, { by });
}

/** A new stage must not have the name of a version name or alias of the project's artifacts: a reference by it could mean two versions. */
async function assertNameFree(tx: Transaction, project: string, name: string): Promise<void> {
  lockSelectorNames(tx, [{ key: stageKey(project, name), selectorKey: null }]);
  const [holder] = await tx.run(findSelectorByName, { project, name });
  if (!holder) return;
  const message = `"${name}" is a version name or alias of version ${holder.key}; choose another name for the stage`;
  throw new DomainError("ALREADY_EXISTS", message, { holder: holder.key });
}

/** The stage as the input changes it: omitted properties keep their value, null takes it away. */
function applyChanges(before: StageRules, input: DefineStageInput, requiredRole: Role | null): StageRules {
  const exclusive = input.exclusive ?? before.exclusive;
  const rules: StageRules = {
    name: before.name,
    exclusive,
    displacedTo: input.displacedTo === undefined ? before.displacedTo : input.displacedTo,
    requiredRole: input.requiredRole === undefined ? before.requiredRole : requiredRole,
    gates: input.gates === undefined ? before.gates : validateGates(input.gates, exclusive),
  };
  validateHolderGates(rules.gates, exclusive);
  return rules;
}

/** Keeps a change in the stage's history, and returns its event; both have the rules before and after. */
function keepChange(
  { actor, ports }: RequestContext,
  tx: Transaction,
  project: string,
  before: StageRules | null,
  after: StageRules,
): NewEvent {
  const at = ports.now();
  const change = { before: before && toShownRules(before), after: toShownRules(after) };
  tx.send(recordStageChange, {
    change: {
      stageKey: stageKey(project, after.name),
      project,
      actor: actor.name,
      at,
      before: change.before && JSON.stringify(change.before),
      after: JSON.stringify(change.after),
      rank: orderingKey(at, 0, ports.newId()),
    },
  });
  return { type: "PROJECT_UPDATED", at, project, stage: after.name, rules: JSON.stringify(change) };
}

/**
 * Adds a stage to a project, or changes one: omitted properties stay, null takes them away. A stage that holds several versions of an artifact
 * cannot become exclusive (`IN_USE`). Weaker rules need the role `admin` and the one that the stage requires (`FORBIDDEN`). A new one cannot have the name of a version name or alias (`ALREADY_EXISTS`).
 */
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
    const existing = stages.get(name);
    if (!existing) await assertNameFree(tx, project, name);
    const before = existing ?? newStageRules(name);
    const rules = applyChanges(before, input, requiredRole);
    stages.set(name, rules);
    authorizeChange(context.actor, project, stages, { before, after: rules });
    for (const stage of stages.values()) validateDisplacement(stages, stage);
    if (rules.exclusive && !before.exclusive) await assertSingleHolders(tx, project, name);
    tx.send(writeStage, {
      stage: { ...rules, gates: JSON.stringify(rules.gates), key: stageKey(project, name), project },
    });
    const event = keepChange(context, tx, project, existing ?? null, rules);
    return { result: rules, events: [event] };
  });
  return { stage: toStage(project, result, null) };
}
