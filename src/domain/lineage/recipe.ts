import { groupBy } from "../../lib/group-by.ts";
import { topologicalGroups } from "../../lib/topological-order.ts";
import { Run, Step } from "../../model/execution.ts";
import { Recipe, type RecipeSlot, type RecipeStep } from "../../model/recipe.ts";
import { Version } from "../../model/version.ts";
import type { WalkEdge } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { type Entity, loadEntities } from "../core/entities.ts";
import { readableProjects } from "../core/permissions.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findClosure, readableNodes } from "./closure.ts";

type OutputRow = { execution: string; slot: string; role: string; version: VersionRow };
const outputsOf = statement<{ ids: string[]; projects: string[] | null; limit: number }, OutputRow>(
  "find-recipe-outputs",
);

/** The most things upstream that a recipe looks at, and the most outputs that its executions may have. */
const most = { things: 10_000, outputs: 20_000 };

type Execution = Run | Step;
function isExecution(thing: Entity | undefined): thing is Execution {
  return thing instanceof Run || thing instanceof Step;
}

/** What lies upstream of a version, as far as the actor may read it. */
interface Upstream {
  whole: boolean;
  /** What lies so far away that not all before it was read. */
  atTheEnd: Set<string>;
  things: Map<string, Entity>;
  producers: Map<string, WalkEdge[]>;
  inputs: Map<string, WalkEdge[]>;
}

async function readUpstream(context: RequestContext, root: string): Promise<Upstream> {
  const reach = await findClosure(context.ports, root, "UPSTREAM", most.things);
  const things = await loadEntities(
    context.ports,
    readableNodes(context.actor, reach.nodes).map((node) => node.id),
  );
  const [made, read] = (["PRODUCED", "CONSUMED"] as const).map((kind) =>
    reach.edges.filter((edge) => edge.kind === kind),
  );
  const { depths, wholeTo } = reach;
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
function producerOf({ producers, things }: Upstream, version: string): Execution | undefined {
  return (producers.get(version) ?? [])
    .map((edge) => things.get(edge.from))
    .filter(isExecution)
    .sort(firstCompleted)[0];
}

/** The executions that it takes, and the versions among their inputs, the asked one first; whoever made what. */
function needed(upstream: Upstream, root: string) {
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
type Needed = ReturnType<typeof needed>;

function called({ name, id }: Execution): string {
  return `${name} (${id})`;
}
function hasCode({ code }: Execution): boolean {
  return Boolean(code && (code.repository || code.commit || code.entryPoint));
}
/** Bytes in the store, or a place elsewhere where they are. */
function isThere({ location, digest, bytesDeletedAt }: Version): boolean {
  return Boolean(location || (digest && !bytesDeletedAt));
}

function cyclesIn(groups: string[][], before: Map<string, string[]>, byId: Map<string, Execution>): string[] {
  return groups
    .filter((group) => group.length > 1 || group.some((id) => before.get(id)?.includes(id)))
    .map((group) => group.flatMap((id) => byId.get(id) ?? []))
    .map((group) => `a cycle, in the order in which it began: ${group.map(called).join(", ")}`);
}

/** What keeps a version from being there before anything is run; null when nothing does. */
function missingOf(upstream: Upstream, version: Version): string | null {
  if (upstream.producers.has(version.id)) return `${version.uri} was made by an execution that you may not read`;
  if (isThere(version) || upstream.atTheEnd.has(version.id)) return null;
  return `${version.uri} has neither a producer nor bytes nor a location`;
}

function missingIn(upstream: Upstream, { makers, executions }: Needed, given: Version[]): string[] {
  return [
    ...executions.filter((execution) => !hasCode(execution)).map((execution) => `${called(execution)} has no code`),
    ...executions
      .filter(({ id }) => upstream.inputs.get(id)?.some((edge) => !makers.has(edge.from)))
      .map((execution) => `${called(execution)} reads a version that you may not read`),
    ...given.flatMap((version) => missingOf(upstream, version) ?? []),
    ...(upstream.whole ? [] : [`more than ${most.things} things lie upstream: what lies beyond them is left out`]),
  ];
}

function toSlot(version: Version, slot: string, role: string): RecipeSlot {
  return {
    slot: slot || null,
    role: role || null,
    version,
    digest: version.digest ?? null,
  };
}

function bySlot(a: RecipeSlot, b: RecipeSlot): number {
  const [one, two] = [a, b].map(({ slot, role, version }) => `${slot ?? ""}\n${role ?? ""}\n${version.uri}`);
  return (one ?? "") < (two ?? "") ? -1 : 1;
}

function toStep(execution: Execution, upstream: Upstream, outputs: OutputRow[]): RecipeStep {
  const { name, code, parameters, environment } = execution;
  const inputs = (upstream.inputs.get(execution.id) ?? []).flatMap(({ from, slot, role }) => {
    const version = upstream.things.get(from);
    return version instanceof Version ? [toSlot(version, slot, role)] : [];
  });
  const made = outputs.map(({ version, slot, role }) => toSlot(toVersion(version), slot, role));
  return { execution, name, code, parameters, environment, inputs: inputs.sort(bySlot), outputs: made.sort(bySlot) };
}

/**
 * How a version can be made again: the executions that it takes, in an order that can be run, and what is missing for it. A handful of
 * statements, whatever the size; beyond 10,000 things upstream it isn't complete, and says so.
 */
export async function findRecipeOfVersion(context: RequestContext, version: Version): Promise<Recipe> {
  const upstream = await readUpstream(context, version.id);
  const found = needed(upstream, version.id);
  const { makers, executions } = found;
  const byId = new Map(executions.map((execution) => [execution.id, execution]));
  const makersOf = (id: string) => (upstream.inputs.get(id) ?? []).flatMap((edge) => makers.get(edge.from)?.id ?? []);
  const before = new Map(executions.map(({ id }) => [id, [...new Set(makersOf(id))]]));
  const groups = topologicalGroups([...before].map(([id, others]) => ({ id, before: others })));
  const limit = most.outputs + 1;
  const made = executions.length
    ? await context.ports.graph.read(outputsOf, {
        ids: [...byId.keys()],
        projects: readableProjects(context.actor),
        limit,
      })
    : [];
  const outputs = groupBy(made.slice(0, most.outputs), (row) => row.execution);
  const given = [...makers].flatMap(([id, maker]) => {
    const version = upstream.things.get(id);
    return !maker && version instanceof Version ? [version] : [];
  });
  given.sort((a, b) => (a.uri < b.uri ? -1 : 1));
  const missing = [
    ...missingIn(upstream, found, given),
    ...cyclesIn(groups, before, byId),
    ...(made.length > most.outputs ? [`more than ${most.outputs} outputs: the rest of them is left out`] : []),
  ];
  const steps = groups.flat().flatMap((id) => {
    const execution = byId.get(id);
    return execution ? [toStep(execution, upstream, outputs.get(id) ?? [])] : [];
  });
  return Object.assign(new Recipe(), { version, steps, missing, complete: missing.length === 0 });
}

/** The recipe of the version that a reference names. */
export async function findRecipe(context: RequestContext, reference: string): Promise<Recipe> {
  const { of } = await resolveFields(context, { of: reference });
  return findRecipeOfVersion(context, toVersion(of));
}
