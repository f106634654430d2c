import type { Impact } from "../../model/impact.ts";
import { Version } from "../../model/version.ts";
import type { WalkNode } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { findAliases, findStagesOfVersions } from "../query/fields.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { type Closure, filterReadable, findClosure, isVersionNode, toOtherVersions } from "./closure.ts";

const mostThings = 100_000;

function depthIn({ depths }: Closure, id: string): number {
  return depths.get(id) ?? 0;
}

/** Nearest first, then by artifact and id. */
function nearestFirst(reach: Closure, nodes: WalkNode[]): WalkNode[] {
  const key = ({ id, artifactKey }: WalkNode): string => `${artifactKey} ${id}`;
  return nodes.sort((a, b) => depthIn(reach, a.id) - depthIn(reach, b.id) || (key(a) < key(b) ? -1 : 1));
}

/** A version by its id, with what it is called: an alias or a stage. */
type Named = { id: string; name: string };

function named(ids: string[], names: readonly (readonly string[])[]): Named[] {
  return ids.flatMap((id, i) => (names[i] ?? []).map((name): Named => ({ id, name })));
}

/**
 * What descends from a version: which of it is in a stage or has aliases, and how much it is. Looks at some 100,000 things, nearest first; when there are more
 * it is `truncated`. What the actor may not read, and tombstones, are counted, but not told of.
 */
export async function findImpact(context: RequestContext, reference: string): Promise<Impact> {
  const { of: root } = await resolveFields(context, { of: reference });
  const reach = await findClosure(context.ports, root.id, "DOWNSTREAM", mostThings);
  const descendants = toOtherVersions(reach, root.id);
  const ids = nearestFirst(reach, filterReadable(context.actor, descendants)).map((node) => node.id);
  const [aliases, stages] = await Promise.all([
    findAliases(context.ports, ids),
    findStagesOfVersions(context.ports, ids),
  ]);
  const aliased = named(ids, aliases);
  const promoted = named(
    ids,
    stages.map((stage) => (stage === null ? [] : [stage])),
  );
  const things = await loadEntities(
    context.ports,
    [...aliased, ...promoted].map(({ id }) => id),
  );
  const told = (list: Named[]) =>
    list.flatMap(({ id, name }) => {
      const version = things.get(id);
      return version instanceof Version ? [{ version, name, depth: depthIn(reach, id) }] : [];
    });
  const versions = reach.nodes.filter(isVersionNode).length - 1;
  const executions = reach.nodes.length - versions - 1;
  return {
    promoted: told(promoted).map(({ name: stage, ...rest }) => ({ ...rest, stage })),
    aliased: told(aliased).map(({ name: alias, ...rest }) => ({ ...rest, alias })),
    ...{ versions, executions, truncated: Number.isFinite(reach.completeToDepth) },
  };
}
