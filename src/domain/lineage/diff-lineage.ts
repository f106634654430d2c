import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { LineageChanges, Moved } from "../../model/diff.ts";
import { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { filterReadable, findCompleteClosure, toOtherVersions } from "./closure.ts";

const maxUpstream = 20_000;

function byArtifactNewestFirst(a: Version, b: Version): number {
  return compareText(a.artifactKey, b.artifactKey) || b.number - a.number;
}

/** For each of two versions: the readable versions upstream of it but not of the other one. The two themselves are left out. */
async function findUpstreamOfOne(context: RequestContext, ids: [string, string]): Promise<[Version[], Version[]]> {
  const closures = await Promise.all(ids.map((id) => findCompleteClosure(context.ports, id, "UPSTREAM", maxUpstream)));
  const [left = [], right = []] = closures.map((closure, i) =>
    filterReadable(context.actor, toOtherVersions(closure, ids[i] ?? ""))
      .map(({ id }) => id)
      .filter((id) => !ids.includes(id)),
  );
  const subtract = (side: string[], other: Set<string>) => side.filter((id) => !other.has(id));
  const onlyLeft = subtract(left, new Set(right));
  const onlyRight = subtract(right, new Set(left));
  const entities = await loadEntities(context.ports, [...onlyLeft, ...onlyRight]);
  const toVersions = (side: string[]): Version[] =>
    side
      .flatMap((id) => entities.get(id) ?? [])
      .filter((entity) => entity instanceof Version)
      .sort(byArtifactNewestFirst);
  return [toVersions(onlyLeft), toVersions(onlyRight)];
}

/**
 * Compares what is upstream of two versions. When both sides have versions of the same artifact, they are paired as `moved`, newest with
 * newest. Throws `TOO_COMPLEX` when either has more than 20,000 versions and executions upstream.
 */
export async function diffLineage(context: RequestContext, leftId: string, rightId: string): Promise<LineageChanges> {
  const [left, entered] = await findUpstreamOfOne(context, [leftId, rightId]);
  const enteredByArtifact = groupBy(entered, ({ artifactKey }) => artifactKey);
  const moved = [...groupBy(left, ({ artifactKey }) => artifactKey)].flatMap(([key, versions]) =>
    versions.flatMap((version, i): Moved[] => {
      const successor = enteredByArtifact.get(key)?.[i];
      return successor ? [{ left: version, right: successor }] : [];
    }),
  );
  const paired = new Set(moved.flatMap((pair) => [pair.left, pair.right]));
  const withoutPaired = (side: Version[]) => side.filter((version) => !paired.has(version));
  return { entered: withoutPaired(entered), left: withoutPaired(left), moved };
}
