import { groupBy } from "../../lib/group-by.ts";
import type { LineageChanges, Moved } from "../../model/diff.ts";
import { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { filterReadable, findCompleteClosure, toOtherVersions } from "./closure.ts";

const mostThings = 20_000;

function order(a: Version, b: Version): number {
  return a.artifactKey === b.artifactKey ? b.number - a.number : a.artifactKey < b.artifactKey ? -1 : 1;
}

/** The versions upstream of each of two that the actor may read and that lie upstream of it alone; the two themselves are left out. */
async function upstreamAlone(context: RequestContext, ids: [string, string]): Promise<[Version[], Version[]]> {
  const reaches = await Promise.all(ids.map((id) => findCompleteClosure(context.ports, id, "UPSTREAM", mostThings)));
  const [left = [], right = []] = reaches.map((reach, i) =>
    filterReadable(context.actor, toOtherVersions(reach, ids[i] ?? ""))
      .map(({ id }) => id)
      .filter((id) => !ids.includes(id)),
  );
  const alone = (mine: string[], others: Set<string>) => mine.filter((id) => !others.has(id));
  const sides = [alone(left, new Set(right)), alone(right, new Set(left))] as const;
  const things = await loadEntities(context.ports, sides.flat());
  const versionsOf = (side: readonly string[]): Version[] =>
    side
      .flatMap((id) => things.get(id) ?? [])
      .filter((thing): thing is Version => thing instanceof Version)
      .sort(order);
  return [versionsOf(sides[0]), versionsOf(sides[1])];
}

/**
 * How what lies upstream of two versions differs. What left and what entered of one artifact are paired as moved, the newest with the newest.
 * `TOO_COMPLEX` when more than 20,000 things lie upstream of either.
 */
export async function diffLineage(context: RequestContext, leftId: string, rightId: string): Promise<LineageChanges> {
  const [left, entered] = await upstreamAlone(context, [leftId, rightId]);
  const came = groupBy(entered, ({ artifactKey }) => artifactKey);
  const moved = [...groupBy(left, ({ artifactKey }) => artifactKey)].flatMap(([key, gone]) =>
    gone.flatMap((version, i): Moved[] => {
      const other = came.get(key)?.[i];
      return other ? [{ left: version, right: other }] : [];
    }),
  );
  const paired = new Set(moved.flatMap((pair) => [pair.left, pair.right]));
  const rest = (side: Version[]) => side.filter((version) => !paired.has(version));
  return { entered: rest(entered), left: rest(left), moved };
}
