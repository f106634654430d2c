import { canonicalJson } from "../../lib/canonical-json.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Change, Changes, LineageChanges, Moved, VersionDiff } from "../../model/diff.ts";
import { Version } from "../../model/version.ts";
import type { RequestContext } from "../core/context.ts";
import { loadEntities } from "../core/entities.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { findFiles } from "../query/fields.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findWholeClosure, otherVersions, readableNodes } from "./closure.ts";
import { findVersionValues, type Values } from "./comparable-values.ts";

const mostThings = 20_000;

function changesOf(left: Values, right: Values): Changes {
  const keys = [...new Set([...left.keys(), ...right.keys()])].sort();
  const changes = keys.map((key): Change => ({ key, left: left.get(key) ?? null, right: right.get(key) ?? null }));
  return {
    added: changes.filter(({ key }) => !left.has(key)),
    removed: changes.filter(({ key }) => !right.has(key)),
    changed: changes.filter(
      (change) =>
        left.has(change.key) && right.has(change.key) && canonicalJson(change.left) !== canonicalJson(change.right),
    ),
  };
}

function columnsOf(row: VersionRow): Values {
  return new Map((toVersion(row).dataset?.columns ?? []).map(({ name, type }) => [name, type]));
}

/** How two versions differ, left against right, but for their lineage. Both must be readable. */
export async function diffVersions(
  context: RequestContext,
  sides: { left: string; right: string },
): Promise<VersionDiff> {
  const { left, right } = await resolveFields(context, sides);
  const [before, after] = await findVersionValues(context, [left, right]);
  const files = (await findFiles(context.ports, [left.id, right.id])).map(
    (list): Values => new Map(list.map(({ path, digest }) => [path, digest])),
  );
  const nothing: Values = new Map();
  const facts = (name: "metadata" | "parameters" | "metrics") =>
    changesOf(before?.[name] ?? nothing, after?.[name] ?? nothing);
  return {
    leftId: left.id,
    rightId: right.id,
    metadata: facts("metadata"),
    parameters: facts("parameters"),
    metrics: facts("metrics"),
    files: changesOf(files[0] ?? nothing, files[1] ?? nothing),
    schema: changesOf(columnsOf(left), columnsOf(right)),
  };
}

function order(a: Version, b: Version): number {
  return a.artifactKey === b.artifactKey ? b.number - a.number : a.artifactKey < b.artifactKey ? -1 : 1;
}

/** The versions upstream of each of two that the actor may read and that lie upstream of it alone; the two themselves are left out. */
async function upstreamAlone(context: RequestContext, ids: [string, string]): Promise<[Version[], Version[]]> {
  const reaches = await Promise.all(ids.map((id) => findWholeClosure(context.ports, id, "UPSTREAM", mostThings)));
  const [left = [], right = []] = reaches.map((reach, i) =>
    readableNodes(context.actor, otherVersions(reach, ids[i] ?? ""))
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
