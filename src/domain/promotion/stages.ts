import { type DefineStageInput, Stage } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import { validateAsOf } from "../core/as-of.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { type Actor, authorize, hasRole, type Role, validateRole } from "../core/permissions.ts";
import { validateSelectorName } from "../core/validation.ts";
import { type GateRule, validateGates, validateHolderGates } from "./gate-rules.ts";

/** What a project says of one of its stages. */
export interface StageRules {
  name: string;
  exclusive: boolean;
  /** As it was given; `displacedTo` tells what follows from it. */
  displacedTo: string | null;
  requiredRole: Role | null;
  gates: GateRule[];
}

/** The stages of a project by name: those that every project has first, then its own by name. */
export type Stages = Map<string, StageRules>;

interface StageRow {
  name: string;
  exclusive: boolean;
  displacedTo?: string | null;
  requiredRole?: Role | null;
  /** JSON. */
  gates?: string | null;
}

type OfProject = { project: string };
type Defined = { stages: StageRow[] };
const readStages = statement<OfProject, Defined>("stages");
const lockByProject = statement<OfProject & { by: string }, Defined>("lock-stages");
const putStage = statement<{ stage: Value }, { key: string }>("define-stage");
const stagesWithSeveralHolders = statement<OfProject & { stage: string }, { artifactKey: string; versions: number }>(
  "crowded-stage",
);

const archive = "archived";
function fresh(name: string, exclusive = false): StageRules {
  return {
    ...{ name, exclusive, displacedTo: null, requiredRole: null, gates: [] },
  };
}
const defaultStages = [fresh("staging", true), fresh("production", true), fresh(archive)];

function toStages([row]: Defined[], project: string): Stages {
  if (!row) throw notFound(`project ${project}`);
  const own = row.stages.sort((a, b) => (a.name < b.name ? -1 : 1));
  const rules = own.map(
    ({ name, exclusive, displacedTo = null, requiredRole = null, gates }): StageRules => ({
      ...{ name, exclusive, displacedTo, requiredRole },
      gates: gates ? (JSON.parse(gates) as GateRule[]) : [],
    }),
  );
  return new Map([...defaultStages, ...rules].map((stage) => [stage.name, stage]));
}

/** The stages of a project as they are read now; `NOT_FOUND` when there is no such project. */
export async function findStages(run: Transaction["run"], project: string): Promise<Stages> {
  return toStages(await run(readStages, { project }), project);
}

/** The stages of a project, locked with all that decides who holds them; taken before any artifact's lock. `NOT_FOUND` when there is no such project. */
export async function lockStages(ports: Pick<Ports, "newId">, tx: Transaction, project: string): Promise<Stages> {
  return toStages(await tx.run(lockByProject, { project, by: ports.newId() }), project);
}

/** The stage of a name; `NOT_FOUND` when the project has none. */
export function getStage(stages: Stages, name: string): StageRules {
  const stage = stages.get(name);
  if (!stage) throw notFound(`stage ${name}`);
  return stage;
}

/** Where the former holder of an exclusive stage moves to; null for a stage that isn't. */
export function displacedTo(stage: StageRules): string | null {
  return stage.exclusive ? (stage.displacedTo ?? archive) : null;
}

/** Refuses who lacks the role that one of these stages requires, as `FORBIDDEN`. */
export function authorizeStages(actor: Actor, project: string, stages: (StageRules | undefined)[]): void {
  for (const stage of stages) {
    const { name, requiredRole = null } = stage ?? {};
    if (!requiredRole || hasRole(actor, requiredRole, project)) continue;
    const message = `${actor.name} may not do this: the stage ${name} needs the role ${requiredRole} in the project`;
    throw new DomainError("FORBIDDEN", message, { permission: "version:promote" });
  }
}

function toStage(project: string, rules: StageRules, asOf: number | null): Stage {
  return Object.assign(new Stage(), { ...rules, projectName: project, asOf, displacedTo: displacedTo(rules) });
}

/** The stages of a project; with `asOf` their holders will be those of that time, which may not be in the future. */
export async function listStages(
  context: RequestContext,
  project: string,
  asOf: number | null | undefined,
): Promise<Stage[]> {
  authorize(context.actor, "project:read", project);
  const time = validateAsOf(context.ports, asOf);
  const stages = await findStages(context.ports.graph.read, project);
  return [...stages.values()].map((rules) => toStage(project, rules, time));
}

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
