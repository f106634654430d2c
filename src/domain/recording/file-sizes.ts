import * as v from "valibot";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import type { NamedOutput } from "./name-outputs.ts";
import type { VersionDraft } from "./version-draft.ts";

const touchBlobs = statement({
  name: "touch-blobs",
  params: { ids: v.array(v.string()), now: v.number() },
  row: { id: v.string(), size: v.number(), isDamaged: v.boolean() },
});

/** The id of the blob that holds a content in a project. */
export function toBlobId(project: string, digest: string): string {
  return `${project}/${digest}`;
}

function validateSizes({ project, files, field }: VersionDraft, sizes: Map<string, number>): void {
  files.forEach(({ digest, size: declared }, i) => {
    const size = sizes.get(toBlobId(project, digest));
    const at = `${field}files[${i}]`;
    if (size === undefined)
      throw notFound(`${at}.digest: project ${project} has no blob ${digest}; upload it with PUT /blobs first`);
    if ((declared ?? size) !== size) throw invalid(`${at}.size`, `the blob has ${size} bytes, not ${declared}`);
  });
}

function lost(blobId: string, outputs: NamedOutput[]): DomainError<"GONE"> {
  const fields = outputs.flatMap(({ draft: { project, files, field } }) =>
    files.flatMap(({ digest }, i) => (toBlobId(project, digest) === blobId ? [`${field}files[${i}].digest`] : [])),
  );
  const message = `${fields[0]}: the bytes of ${blobId} are missing from the blob store or damaged; send them again with PUT /blobs first`;
  return new DomainError("GONE", message, {});
}

/**
 * The sizes of the files of new versions, in bytes by blob id. The blobs count as used from `now` on, so that garbage collection keeps them
 * until the transaction ends. A blob that doesn't exist is `NOT_FOUND`, one whose bytes are known to be lost `GONE`; another size than declared is
 * `INVALID_INPUT`.
 */
export async function findFileSizes(
  run: Transaction["run"],
  outputs: NamedOutput[],
  now: number,
): Promise<Map<string, number>> {
  const ids = new Set(outputs.flatMap(({ draft }) => draft.files.map(({ digest }) => toBlobId(draft.project, digest))));
  if (!ids.size) return new Map();
  const rows = await run(touchBlobs, { ids: [...ids].sort(), now });
  const damaged = rows.find(({ isDamaged }) => isDamaged);
  if (damaged) throw lost(damaged.id, outputs);
  const sizes = new Map(rows.map(({ id, size }) => [id, size]));
  for (const { draft } of outputs) validateSizes(draft, sizes);
  return sizes;
}
