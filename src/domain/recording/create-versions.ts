import * as v from "valibot";
import { Kind } from "../../model/enums.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { indexedLeaf, sortKey } from "../core/metadata.ts";
import { type VersionRow, versionRow } from "../core/version-row.ts";
import { toBlobId } from "./file-sizes.ts";
import type { NumberedVersion } from "./number-versions.ts";

const newVersion = v.object({
  properties: v.object({ ...versionRow.entries, text: v.string(), nameKey: v.string() }),
  artifactKind: v.enum(Kind),
  tags: v.array(v.string()),
  labels: v.array(v.object({ key: v.string(), value: v.string() })),
  leaves: v.array(indexedLeaf),
  files: v.array(v.object({ path: v.string(), blob: v.string() })),
  links: v.array(v.object({ rel: v.string(), version: v.nullable(v.string()) })),
});

const createAll = statement({
  name: "create-versions",
  params: { versions: v.array(newVersion) },
  row: { created: v.number() },
});

/** Creates those versions that are new, with their tags, labels, metadata, files and links. `references` resolves the links. */
export function createVersions(
  tx: Transaction,
  numbered: NumberedVersion[],
  references: Map<string, VersionRow>,
): void {
  const versions = numbered
    .filter(({ created }) => created)
    .map(({ draft, row, name }) => ({
      properties: { ...row, text: `${name}\n${row.description ?? ""}`.toLowerCase(), nameKey: sortKey(name) },
      artifactKind: row.kind,
      tags: draft.tags,
      labels: draft.labels,
      leaves: draft.leaves,
      files: draft.files.map(({ path, digest }) => ({ path, blob: toBlobId(draft.project, digest) })),
      links: draft.links.map(({ rel, reference }) => ({ rel, version: references.get(reference.text)?.id ?? null })),
    }));
  if (versions.length) tx.send(createAll, { versions });
}
