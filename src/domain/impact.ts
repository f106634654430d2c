import type { AliasedImpact, Impact } from "../model/impact.ts";
import { Version } from "../model/version.ts";
import type { WalkNode } from "../ports/graph-store.ts";
import type { Deps } from "./deps.ts";
import { aliasesOf } from "./of.ts";
import type { Actor } from "./permissions.ts";
import { isVersion, otherVersions, type Reach, reachOf, readableNodes } from "./reach.ts";
import { resolveFields } from "./resolve.ts";
import { loadThings, type Thing } from "./things.ts";

const mostThings = 100_000;

const depthIn = ({ depths }: Reach, id: string): number => depths.get(id) ?? 0;

/** Nearest first, then by artifact and id. */
const nearestFirst = (reach: Reach, nodes: WalkNode[]): WalkNode[] => {
  const key = ({ id, artifactKey }: WalkNode): string => `${artifactKey} ${id}`;
  return nodes.sort((a, b) => depthIn(reach, a.id) - depthIn(reach, b.id) || (key(a) < key(b) ? -1 : 1));
};

type Named = { id: string; name: string };

const withVersions = <T>(named: Named[], things: Map<string, Thing>, to: (version: Version, name: string) => T): T[] =>
  named.flatMap(({ id, name }) => {
    const thing = things.get(id);
    return thing instanceof Version ? [to(thing, name)] : [];
  });

/**
 * What descends from a version: which of it has aliases, and how much it is. Looks at some 100,000 things, nearest first; when there are more
 * it is `truncated`. What the actor may not read, and tombstones, are counted, but not told of.
 */
export const impactOf = async (deps: Deps, actor: Actor, reference: string): Promise<Impact> => {
  const { of: root } = await resolveFields(deps, actor, { of: reference });
  const reach = await reachOf(deps, root.id, "DOWNSTREAM", mostThings);
  const descendants = otherVersions(reach, root.id);
  const ids = nearestFirst(reach, readableNodes(actor, descendants)).map((node) => node.id);
  const aliases = await aliasesOf(deps, ids);
  const named = ids.flatMap((id, i) => (aliases[i] ?? []).map((name): Named => ({ id, name })));
  const things = await loadThings(
    deps,
    named.map(({ id }) => id),
  );
  const aliased = withVersions(
    named,
    things,
    (version, alias): AliasedImpact => ({ version, alias, depth: depthIn(reach, version.id) }),
  );
  const versions = reach.nodes.filter(isVersion).length - 1;
  const executions = reach.nodes.length - versions - 1;
  return { aliased, versions, executions, truncated: Number.isFinite(reach.wholeTo) };
};
