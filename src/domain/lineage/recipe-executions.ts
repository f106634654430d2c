import { groupBy } from "../../lib/group-by.ts";
import { Run, Step } from "../../model/execution.ts";
import { Version } from "../../model/version.ts";
import type { WalkEdge } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { type Entity, loadEntities } from "../core/entities.ts";
import { filterReadable, findClosure } from "./closure.ts";

/** Maximum versions and executions upstream that a recipe covers. */
export const maxRecipeEntities = 10_000;

export type Execution = Run | Step;

function isExecution(thing: Entity | undefined): thing is Execution {
  return thing instanceof Run || thing instanceof Step;
}

/** What lies upstream of a version, as far as the actor may read it. */
export interface RecipeUpstream {
  whole: boolean;
  /** What lies so far away that not all before it was read. */
  atTheEnd: Set<string>;
  things: Map<string, Entity>;
  producers: Map<string, WalkEdge[]>;
  inputs: Map<string, WalkEdge[]>;
}

export async function loadUpstream(context: RequestContext, root: string): Promise<RecipeUpstream> {
  const reach = await findClosure(context.ports, root, "UPSTREAM", maxRecipeEntities);
  const things = await loadEntities(
    context.ports,
    filterReadable(context.actor, reach.nodes).map((node) => node.id),
  );
  const [made, read] = (["PRODUCED", "CONSUMED"] as const).map((kind) =>
    reach.edges.filter((edge) => edge.kind === kind),
  );
  const { depths, completeToDepth: wholeTo } = reach;
  const atTheEnd = new Set([...depths].flatMap(([id, depth]) => (depth >= wholeTo ? [id] : [])));
  return {
    whole: wholeTo === Number.POSITIVE_INFINITY,
    atTheEnd,
    things,
    producers: groupBy(made ?? [], (edge) => edge.to),
    inputs: groupBy(read ?? [], (edge) => edge.to),
  };
}

function startOf(execution: Execution): number {
  return execution.startedAt ?? execution.createdAt;
}

function endOf(execution: Execution): number {
  return execution.endedAt ?? Number.POSITIVE_INFINITY;
}

function firstCompleted(a: Execution, b: Execution): number {
  return (
    Number(b.status === "COMPLETED") - Number(a.status === "COMPLETED") ||
    (endOf(a) === endOf(b) ? startOf(a) - startOf(b) : endOf(a) - endOf(b)) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** The one of a version's producers that counts: the first completed one that may be read; undefined where there is none. */
function producerOf({ producers, things }: RecipeUpstream, version: string): Execution | undefined {
  return (producers.get(version) ?? [])
    .map((edge) => things.get(edge.from))
    .filter(isExecution)
    .sort(firstCompleted)[0];
}

/** The executions that it takes, and the versions among their inputs, the asked one first; whoever made what. */
export function findRequiredExecutions(upstream: RecipeUpstream, root: string) {
  const makers = new Map<string, Execution | undefined>();
  const executions = new Map<string, Execution>();
  // A Set is walked in the order of insertion, entries added meanwhile included: it is its own queue.
  const versions = new Set([root]);
  for (const version of versions) {
    if (!(upstream.things.get(version) instanceof Version)) continue;
    const maker = producerOf(upstream, version);
    makers.set(version, maker);
    if (!maker || executions.has(maker.id)) continue;
    executions.set(maker.id, maker);
    for (const edge of upstream.inputs.get(maker.id) ?? []) versions.add(edge.from);
  }
  return {
    makers,
    executions: [...executions.values()].sort((a, b) => startOf(a) - startOf(b) || (a.id < b.id ? -1 : 1)),
  };
}

export type RequiredExecutions = ReturnType<typeof findRequiredExecutions>;
