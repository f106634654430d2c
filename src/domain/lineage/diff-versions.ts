import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Change, Changes, VersionDiff } from "../../model/diff.ts";
import type { RequestContext } from "../core/context.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { findFiles } from "../query/fields.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findVersionValues, type Values } from "./comparable-values.ts";

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
