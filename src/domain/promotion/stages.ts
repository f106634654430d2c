import { Stage } from "../../model/stage.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { type Actor, hasRole, type Role } from "../core/permissions.ts";
import type { GateRule } from "./gate-rules.ts";

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

export type OfProject = { project: string };

type Defined = { stages: StageRow[] };

const readStages = statement<OfProject, Defined>("find-stages");

const lockByProject = statement<OfProject & { by: string }, Defined>("lock-stages");

const archive = "archived";

export function fresh(name: string, exclusive = false): StageRules {
  return {
    ...{ name, exclusive, displacedTo: null, requiredRole: null, gates: [] },
  };
}

const defaultStages = [fresh("staging", true), fresh("production", true), fresh(archive)];

function toStages([row]: Defined[], project: string): Stages {
  if (!row) throw notFound(`project ${project} does not exist`);
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
  if (!stage) throw notFound(`stage ${name} does not exist`);
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

export function toStage(project: string, rules: StageRules, asOf: number | null): Stage {
  return Object.assign(new Stage(), { ...rules, projectName: project, asOf, displacedTo: displacedTo(rules) });
}
