import { canonicalJson } from "../../lib/canonical-json.ts";
import type { Change, Changes, VersionDiff } from "../../model/diff.ts";
import type { RequestContext } from "../core/context.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { findFiles } from "../query/fields.ts";
import { resolveFields } from "../references/resolve-reference.ts";
import { findVersionValues, type Values } from "./comparable-values.ts";

function toChanges(left: Values, right: Values): Changes {
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

function toColumnTypes(row: VersionRow): Values {
  return new Map((toVersion(row).dataset?.columns ?? []).map(({ name, type }) => [name, type]));
}

/** Compares everything about two versions except their lineage (see `diffLineage`). Throws `FORBIDDEN` unless the actor may read both. */
export async function findDiff(context: RequestContext, sides: { left: string; right: string }): Promise<VersionDiff> {
  const { left, right } = await resolveFields(context, sides);
  const [leftValues, rightValues] = await findVersionValues(context, [left, right]);
  const [leftFiles, rightFiles] = (await findFiles(context.ports, [left.id, right.id])).map(
    (files): Values => new Map(files.map(({ path, digest }) => [path, digest])),
  );
  const none: Values = new Map();
  const diff = (name: "metadata" | "parameters" | "metrics") =>
    toChanges(leftValues?.[name] ?? none, rightValues?.[name] ?? none);
  return {
    leftId: left.id,
    rightId: right.id,
    metadata: diff("metadata"),
    parameters: diff("parameters"),
    metrics: diff("metrics"),
    files: toChanges(leftFiles ?? none, rightFiles ?? none),
    schema: toChanges(toColumnTypes(left), toColumnTypes(right)),
  };
}
