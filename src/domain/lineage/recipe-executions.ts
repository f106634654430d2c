import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import { Run, Step } from "../../model/execution.ts";
import { Version } from "../../model/version.ts";
import type { WalkEdge } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { type Entity, loadEntities } from "../core/entities.ts";
import { filterReadable, findClosure } from "./closure.ts";

/** Maximum number of versions and executions upstream that a recipe covers. */
export const maxRecipeNodes = 10_000;

export type Execution = Run | Step;

function isExecution(entity: Entity | undefined): entity is Execution {
  return entity instanceof Run || entity instanceof Step;
}

/** Everything upstream of a version that the actor may read. */
export interface RecipeUpstream {
  /** Whether all nodes upstream were loaded. */
  isComplete: boolean;
  /** The ids of the most distant nodes, whose own producers and inputs may not have been loaded. */
  boundary: Set<string>;
  /** The readable versions and executions by id. */
  entities: Map<string, Entity>;
  /** Edges from producers by version id; unreadable producers are included. */
  producers: Map<string, WalkEdge[]>;
  /** Edges from inputs by execution id; unreadable inputs are included. */
  inputs: Map<string, WalkEdge[]>;
}

/** Loads the nearest 10,000 versions and executions upstream of a version. */
export async function loadUpstream(context: RequestContext, root: string): Promise<RecipeUpstream> {
  const { nodes, edges, depths, completeToDepth } = await findClosure(context.ports, root, "UPSTREAM", maxRecipeNodes);
  const entities = await loadEntities(
    context.ports,
    filterReadable(context.actor, nodes).map((node) => node.id),
  );
  const groupByTarget = (kind: WalkEdge["kind"]) =>
    groupBy(
      edges.filter((edge) => edge.kind === kind),
      (edge) => edge.to,
    );
  return {
    isComplete: completeToDepth === Number.POSITIVE_INFINITY,
    boundary: new Set([...depths].flatMap(([id, depth]) => (depth >= completeToDepth ? [id] : []))),
    entities,
    producers: groupByTarget("PRODUCED"),
    inputs: groupByTarget("CONSUMED"),
  };
}

function getStart(execution: Execution): number {
  return execution.startedAt ?? execution.createdAt;
}

function getEnd(execution: Execution): number {
  return execution.endedAt ?? Number.POSITIVE_INFINITY;
}

/** Completed executions come first, then those that ended first. */
function byCompletion(a: Execution, b: Execution): number {
  return (
    Number(b.status === "COMPLETED") - Number(a.status === "COMPLETED") ||
    (getEnd(a) === getEnd(b) ? getStart(a) - getStart(b) : getEnd(a) - getEnd(b)) ||
    compareText(a.id, b.id)
  );
}

function byStart(a: Execution, b: Execution): number {
  return getStart(a) - getStart(b) || compareText(a.id, b.id);
}

/** The producer that counts: of the readable ones the first that completed. */
function selectProducer({ producers, entities }: RecipeUpstream, version: string): Execution | undefined {
  return (producers.get(version) ?? [])
    .map((edge) => entities.get(edge.from))
    .filter(isExecution)
    .sort(byCompletion)[0];
}

/** What it takes to make a version again. */
export interface RequiredExecutions {
  /** The executions, by start time. */
  executions: Execution[];
  /** The producer of each readable version that is needed, by version id; the requested version comes first. */
  producers: Map<string, Execution | undefined>;
}

/** Follows producers and their inputs upstream from a version. */
export function collectRequiredExecutions(upstream: RecipeUpstream, root: string): RequiredExecutions {
  const producers = new Map<string, Execution | undefined>();
  const executions = new Map<string, Execution>();
  // A Set iterates in insertion order, including entries added during the loop, so it serves as a queue.
  const versions = new Set([root]);
  for (const version of versions) {
    if (!(upstream.entities.get(version) instanceof Version)) continue;
    const producer = selectProducer(upstream, version);
    producers.set(version, producer);
    if (!producer || executions.has(producer.id)) continue;
    executions.set(producer.id, producer);
    for (const edge of upstream.inputs.get(producer.id) ?? []) versions.add(edge.from);
  }
  return { executions: [...executions.values()].sort(byStart), producers };
}
