import * as v from "valibot";
import { canonicalJson } from "../../lib/canonical-json.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { UpdateVersionInput } from "../../model/version.input.ts";
import type { Version } from "../../model/version.ts";
import { anyValue, statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { indexedLeaf, splitKey, toLeaves, validateMetadata } from "../core/metadata.ts";
import { parseJson } from "../core/row-values.ts";
import { tagChangeParams } from "../core/tag-change.ts";
import {
  validateLabels,
  validateList,
  validateObject,
  validateSelectorName,
  validateTags,
  validateText,
} from "../core/validation.ts";
import { toVersion, type VersionRow, versionRow } from "../core/version-row.ts";
import { assignSelectors } from "../recording/assign-selectors.ts";
import { lockVersion } from "../recording/locks.ts";

type Metadata = Record<string, unknown>;

const writeVersionChanges = statement({
  name: "update-version",
  params: {
    ...tagChangeParams,
    id: v.string(),
    changes: anyValue,
    setLabels: v.array(v.object({ key: v.string(), value: v.string() })),
    removeLabels: v.array(v.string()),
    /** One item to replace all leaves of metadata by `leaves`, none to keep them. */
    dropLeaves: v.array(v.boolean()),
    leaves: v.array(indexedLeaf),
    /** One item to delete approvals, which hold only for the metadata that they were given for; none to keep them. */
    dropApprovals: v.array(v.boolean()),
  },
  row: { version: versionRow },
});

/** Whether keys can be looked up in a value of metadata; a tagged value is one leaf, with nothing inside. */
function isNested(value: unknown): value is Metadata {
  return value !== null && typeof value === "object" && !Array.isArray(value) && !("$type" in value);
}

/** Metadata without the value at a path of keys. A path that doesn't exist changes nothing. */
function removePath(metadata: Metadata, [key, ...below]: string[]): Metadata {
  if (key === undefined || !Object.hasOwn(metadata, key)) return metadata;
  const { [key]: value, ...others } = metadata;
  if (!below.length) return others;
  return isNested(value) ? { ...metadata, [key]: removePath(value, below) } : metadata;
}

function changeMetadata(text: string, change: NonNullable<UpdateVersionInput["metadata"]>): Metadata {
  const removed = validateList(change.remove, "metadata.remove");
  const kept = removed.reduce((metadata, key) => removePath(metadata, splitKey(key)), parseJson<Metadata>(text) ?? {});
  return validateMetadata({ ...kept, ...validateObject(change.set, "metadata.set") }, "metadata");
}

function assertNameFree({ key, versionName }: VersionRow, name: string | null): void {
  if (!isGiven(name) || !versionName || versionName === name) return;
  const message = `version ${key} has the version name "${versionName}", which can't be changed to "${name}"`;
  throw new DomainError("IMMUTABLE", message, {});
}

/** The properties and leaves that an update writes at a time by the artifact's clock. */
function toChanges(input: UpdateVersionInput, row: VersionRow, at: number) {
  const description = validateText(input.description, "description");
  const metadata = input.metadata ? changeMetadata(row.metadata, input.metadata) : null;
  const text = `${row.artifact}\n${description ?? ""}`.toLowerCase();
  const changes = {
    updatedAt: at,
    ...(input.description !== undefined && { description, text }),
    ...(metadata && { metadata: JSON.stringify(metadata) }),
    ...(isGiven(input.versionName) && { versionName: input.versionName }),
  };
  const isChanged = metadata && canonicalJson(metadata) !== canonicalJson(JSON.parse(row.metadata));
  return {
    changes,
    dropLeaves: metadata ? [true] : [],
    leaves: metadata ? toLeaves(metadata) : [],
    dropApprovals: isChanged ? [true] : [],
  };
}

/**
 * Changes a version's description, tags, labels and metadata (each key in `set` replaces a whole top-level value; `remove` takes dotted
 * keys), and sets its version name when it has none. Omitted fields stay; bytes, location and number never change. `IMMUTABLE` when it has
 * another version name already.
 */
export async function updateVersion(
  context: RequestContext<"eventLog">,
  input: UpdateVersionInput,
): Promise<{ version: Version }> {
  const name = isGiven(input.versionName) ? validateSelectorName(input.versionName, "versionName") : null;
  const addTags = validateTags(input.tags?.add, "tags.add");
  const removeTags = validateTags(input.tags?.remove, "tags.remove");
  const setLabels = validateLabels(validateList(input.labels?.set, "labels.set"), "labels.set");
  const removeLabels = validateList(input.labels?.remove, "labels.remove");
  const { result } = await runIdempotent(context, async (tx) => {
    const { row, at } = await lockVersion(context, tx, input.ref);
    assertNameFree(row, name);
    if (isGiven(name) && name !== row.versionName) await assignSelectors(context, tx, [{ name, fixed: true, row, at }]);
    const params = { id: row.id, at, ...toChanges(input, row, at), addTags, removeTags, setLabels, removeLabels };
    const [changed] = await tx.run(writeVersionChanges, params);
    if (!changed) throw notFound(`version ${input.ref} does not exist`);
    const { project, artifactKey, kind, id } = changed.version;
    return {
      result: changed.version,
      events: [{ type: "VERSION_UPDATED", at, project, artifactKey, kind, version: id }],
    };
  });
  return { version: toVersion(result) };
}
