import { compareText } from "../../lib/compare-text.ts";
import type { Impact } from "../../model/impact.ts";
import { Version } from "../../model/version.ts";
import type { WalkNode } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { findAliases, findStagesOfVersions } from "../query/fields.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { type Closure, filterReadable, findClosure, isVersionNode, toOtherVersions } from "./closure.ts";

const maxDownstream = 100_000;

function getDepth({ depths }: Closure, id: string): number {
  return depths.get(id) ?? 0;
}

/** Sorts by depth, then by artifact and id. */
function sortNearestFirst(closure: Closure, nodes: WalkNode[]): WalkNode[] {
  const key = ({ id, artifactKey }: WalkNode): string => `${artifactKey} ${id}`;
  return nodes.sort((a, b) => getDepth(closure, a.id) - getDepth(closure, b.id) || compareText(key(a), key(b)));
}

/** A version's id with one of its aliases, or its stage. */
interface NamedVersion {
  id: string;
  name: string;
}

function toNamedVersions(ids: string[], names: readonly (readonly string[])[]): NamedVersion[] {
  return ids.flatMap((id, i) => (names[i] ?? []).map((name): NamedVersion => ({ id, name })));
}

/**
 * Counts what is downstream of a version and lists the versions among it that have aliases or a stage. Visits the nearest 100,000 or so
 * versions and executions and sets `truncated` when there are more. Unreadable and deleted versions are counted but not listed.
 */
export async function findImpact(context: RequestContext, reference: string): Promise<Impact> {
  const { of: root } = await resolveFields(context, { of: reference });
  const closure = await findClosure(context.ports, root.id, "DOWNSTREAM", maxDownstream);
  const descendants = toOtherVersions(closure, root.id);
  const ids = sortNearestFirst(closure, filterReadable(context.actor, descendants)).map((node) => node.id);
  const [aliases, stages] = await Promise.all([
    findAliases(context.ports, ids),
    findStagesOfVersions(context.ports, ids),
  ]);
  const aliased = toNamedVersions(ids, aliases);
  const promoted = toNamedVersions(
    ids,
    stages.map((stage) => (stage === null ? [] : [stage])),
  );
  const entities = await loadEntities(
    context.ports,
    [...aliased, ...promoted].map(({ id }) => id),
  );
  const withVersions = (list: NamedVersion[]) =>
    list.flatMap(({ id, name }) => {
      const version = entities.get(id);
      return version instanceof Version ? [{ version, name, depth: getDepth(closure, id) }] : [];
    });
  const versions = closure.nodes.filter(isVersionNode).length - 1;
  return {
    promoted: withVersions(promoted).map(({ name: stage, ...rest }) => ({ ...rest, stage })),
    aliased: withVersions(aliased).map(({ name: alias, ...rest }) => ({ ...rest, alias })),
    versions,
    executions: closure.nodes.length - versions - 1,
    truncated: Number.isFinite(closure.completeToDepth),
  };
}
