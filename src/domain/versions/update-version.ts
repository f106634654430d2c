import { canonicalJson } from "../../lib/canonical-json.ts";
import type { UpdateVersionInput } from "../../model/version.input.ts";
import type { Version } from "../../model/version.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { splitKey, toLeaves, validateMetadata } from "../core/metadata.ts";
import type { TagChange } from "../core/tag-change.ts";
import {
  validateLabels,
  validateList,
  validateObject,
  validateSelectorName,
  validateTags,
  validateText,
} from "../core/validation.ts";
import { toVersion, type VersionRow } from "../core/version-row.ts";
import { assignSelectors } from "../recording/assign-selectors.ts";
import { lockVersion } from "../recording/lock-version.ts";

const changeVersion = statement<
  TagChange & {
    id: string;
    changes: Value;
    setLabels: { key: string; value: string }[];
    removeLabels: string[];
    dropLeaves: boolean[];
    /** Approvals lapse with the metadata that they were given for. */
    lapsing: boolean[];
    leaves: Value;
  },
  { version: VersionRow }
>("update-version");

function without(value: Record<string, unknown>, [key, ...below]: string[]): Record<string, unknown> {
  if (key === undefined || !Object.hasOwn(value, key)) return value;
  const { [key]: found, ...rest } = value;
  if (!below.length) return rest;
  // A tagged value is one leaf: there is nothing below it.
  if (!found || typeof found !== "object" || Array.isArray(found) || "$type" in found) return value;
  return { ...value, [key]: without(found as Record<string, unknown>, below) };
}

function changedMetadata(text: string, change: NonNullable<UpdateVersionInput["metadata"]>): Record<string, unknown> {
  const kept = validateList(change.remove, "metadata.remove").reduce(
    (metadata, key) => without(metadata, splitKey(key)),
    JSON.parse(text) as Record<string, unknown>,
  );
  return validateMetadata({ ...kept, ...validateObject(change.set, "metadata.set") }, "metadata");
}

function checkNameFree(row: VersionRow, name: string | null): void {
  if (!name || !row.versionName || row.versionName === name) return;
  throw new DomainError("IMMUTABLE", `${row.key} has the version name ${row.versionName} for good`, {});
}

function propertiesOf(input: UpdateVersionInput, row: VersionRow, at: number) {
  const description = validateText(input.description, "description");
  const metadata = input.metadata ? changedMetadata(row.metadata, input.metadata) : null;
  const text = { description, text: `${row.artifact}\n${description ?? ""}`.toLowerCase() };
  const changes = {
    updatedAt: at,
    ...(input.description === undefined ? {} : text),
    ...(metadata && { metadata: JSON.stringify(metadata) }),
    ...(input.versionName ? { versionName: input.versionName } : {}),
  };
  return {
    changes,
    dropLeaves: metadata ? [true] : [],
    lapsing: metadata && canonicalJson(metadata) !== canonicalJson(JSON.parse(row.metadata)) ? [true] : [],
    leaves: metadata ? toLeaves(metadata).map((leaf) => ({ ...leaf })) : [],
  };
}

/**
 * Changes what may change of a version: description, tags, labels, metadata (keys of `set` are set whole, those of `remove` are dotted),
 * and the version name while there is none. Its bytes, location and number never change.
 */
export async function updateVersion(
  context: RequestContext<"eventLog">,
  input: UpdateVersionInput,
): Promise<{ version: Version }> {
  const { versionName = null } = input;
  const name = versionName === null ? null : validateSelectorName(versionName, "versionName");
  const addTags = validateTags(input.tags?.add, "tags.add");
  const removeTags = validateTags(input.tags?.remove, "tags.remove");
  const setLabels = validateLabels(validateList(input.labels?.set, "labels.set"), "labels.set");
  const removeLabels = validateList(input.labels?.remove, "labels.remove");
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref);
    checkNameFree(row, name);
    if (name && name !== row.versionName) await assignSelectors(context, tx.run, [{ name, fixed: true, row, at }]);
    const change = { id: row.id, at, ...propertiesOf(input, row, at), addTags, removeTags, setLabels, removeLabels };
    const [changed] = await tx.run(changeVersion, change);
    if (!changed) throw notFound(`version ${input.ref} does not exist`);
    const { project, artifactKey, kind, id } = changed.version;
    return {
      result: changed.version,
      events: [{ type: "VERSION_UPDATED", at, project, artifactKey, kind, version: id }],
    };
  });
  return { version: toVersion(result) };
}
