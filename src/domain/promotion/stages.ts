import * as v from "valibot";
import { compareText } from "../../lib/compare-text.ts";
import { type StageRules as ShownRules, Stage } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { defaultStageNames } from "../core/default-stages.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type Actor, hasRole, type Role, roles } from "../core/permissions.ts";
import { type FieldsOf, parseJson } from "../core/row-values.ts";
import type { GateRule } from "./gate-rules.ts";

/** What a project defines about one of its stages. */
export interface StageRules {
  name: string;
  exclusive: boolean;
  /** As it was defined; `getDisplacementStage` adds the default. */
  displacedTo: string | null;
  requiredRole: Role | null;
  gates: GateRule[];
}

/** The stages of a project by name: first those that every project has, then its own, sorted by name. */
export type Stages = Map<string, StageRules>;

/** The properties of a stage node. */
const stageRow = v.object({
  name: v.string(),
  exclusive: v.boolean(),
  displacedTo: nullable(v.string()),
  requiredRole: nullable(v.picklist(roles)),
  /** JSON. */
  gates: v.string(),
});
const definedStages = { stages: v.array(stageRow) };
type StageRow = v.InferOutput<typeof stageRow>;

const findDefinedStages = statement({ name: "find-stages", params: { project: v.string() }, row: definedStages });
const lockDefinedStages = statement({
  name: "lock-stages",
  params: { project: v.string(), by: v.string() },
  row: definedStages,
});
/** Writes a stage of a project; `key` is `<project>/<name>`. */
export const writeStage = statement({
  name: "define-stage",
  params: { stage: v.object({ ...stageRow.entries, key: v.string(), project: v.string() }) },
  row: { key: v.string() },
});

const [staging, production, defaultDisplacementStage] = defaultStageNames;

/** A stage before a project defines anything about it. */
export function newStageRules(name: string, exclusive = false): StageRules {
  return { name, exclusive, displacedTo: null, requiredRole: null, gates: [] };
}

const defaultStages = [
  newStageRules(staging, true),
  newStageRules(production, true),
  newStageRules(defaultDisplacementStage),
];

function toStageRules({ name, exclusive, displacedTo, requiredRole, gates }: StageRow): StageRules {
  return { name, exclusive, displacedTo, requiredRole, gates: parseJson<GateRule[]>(gates) ?? [] };
}

function toStages([row]: { stages: StageRow[] }[], project: string): Stages {
  if (!row) throw notFound(`project ${project} does not exist`);
  const defined = row.stages.sort((a, b) => compareText(a.name, b.name)).map(toStageRules);
  return new Map([...defaultStages, ...defined].map((stage) => [stage.name, stage]));
}

/** The stages of a project. `NOT_FOUND` when the project does not exist. */
export async function findStages(run: Transaction["run"], project: string): Promise<Stages> {
  return toStages(await run(findDefinedStages, { project }), project);
}

/**
 * The stages of a project, locked until the transaction ends together with everything that decides who holds them. Taken before the lock of any
 * artifact. `NOT_FOUND` when the project does not exist.
 */
export async function lockStages(ports: Pick<Ports, "newId">, tx: Transaction, project: string): Promise<Stages> {
  return toStages(await tx.run(lockDefinedStages, { project, by: ports.newId() }), project);
}

/** The stage with this name. `NOT_FOUND` when the project has none. */
export function getStage(stages: Stages, name: string): StageRules {
  const stage = stages.get(name);
  if (!stage) throw notFound(`stage "${name}" does not exist; the project has ${[...stages.keys()].join(", ")}`);
  return stage;
}

/** The stage that the former holder of an exclusive stage moves to; null for a stage that is not exclusive. */
export function getDisplacementStage(stage: StageRules): string | null {
  return stage.exclusive ? (stage.displacedTo ?? defaultDisplacementStage) : null;
}

/** Rejects with `FORBIDDEN` an actor who lacks the role that one of the stages requires. */
export function authorizeStages(actor: Actor, project: string, stages: (StageRules | undefined)[]): void {
  for (const stage of stages) {
    const { name, requiredRole = null } = stage ?? {};
    if (!requiredRole || hasRole(actor, requiredRole, project)) continue;
    const message = `${actor.name} may not do this: stage "${name}" requires the role ${requiredRole} in the project`;
    throw new DomainError("FORBIDDEN", message, { permission: "version:promote" });
  }
}

/** The rules of a stage as clients see them, and as its history keeps them. */
export function toShownRules(rules: StageRules): ShownRules {
  const { exclusive, requiredRole, gates } = rules;
  return { exclusive, displacedTo: getDisplacementStage(rules), requiredRole, gates };
}

/** The stage as clients see it, with the time (in milliseconds) as of which its holders are read; null for now. */
export function toStage(project: string, rules: StageRules, asOf: number | null): Stage {
  const fields: FieldsOf<Stage> = { ...rules, projectName: project, asOf, displacedTo: getDisplacementStage(rules) };
  return Object.assign(new Stage(), fields);
}
