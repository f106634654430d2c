import * as v from "valibot";
import { isGiven } from "../../lib/is-given.ts";
import type { CreateUploadInput, Upload } from "../../model/upload.ts";
import { statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { toUpload, uploadRow } from "../core/upload-row.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { findProjectStorage } from "../recording/storage-prefix.ts";
import { validateFileSize } from "./quotas.ts";

const uploadProperties = v.object({ ...uploadRow.entries, dropped: v.boolean(), createdAt: v.number() });
type UploadProperties = v.InferOutput<typeof uploadProperties>;

const insertUpload = statement({
  name: "create-upload",
  params: { id: v.string(), properties: uploadProperties },
  row: { upload: uploadRow },
});

const mebibyte = 2 ** 20;

// The limits of S3.
const minPartBytes = 5 * mebibyte;
const maxPartBytes = 5 * 2 ** 30;
const maxParts = 10_000;

const defaultPartBytes = 64 * mebibyte;

/** An upload fails when it isn't complete after this time. */
const lifetimeMs = 7 * 86_400_000;

function validatePartSize(size: number, given: number | null | undefined): number {
  const required = Math.ceil(size / maxParts);
  const partSize = given ?? Math.max(defaultPartBytes, Math.ceil(required / mebibyte) * mebibyte);
  if (partSize < required) {
    const problem = `must be at least ${required}, so that ${size} bytes fit into ${maxParts} parts; ${partSize} was given`;
    throw invalid("partSize", problem);
  }
  if (partSize < Math.min(minPartBytes, size) || partSize > maxPartBytes)
    throw invalid("partSize", `must be ${minPartBytes} to ${maxPartBytes}, or the size of the whole file`);
  return partSize;
}

/** Opens an upload in parts for 7 days. Throws `INVALID_INPUT` for a wrong size or part size, and `TOO_LARGE` beyond the limit of a file or project. */
export async function createUpload(
  context: RequestContext<"lookups">,
  input: CreateUploadInput,
): Promise<{ upload: Upload }> {
  const { actor, ports } = context;
  const project = validateProjectName(input.project, "project");
  authorize(actor, "blob:write", project);
  const { size } = input;
  if (size < 1) throw invalid("size", "must be at least 1; store an empty file with PUT /blobs");
  validateFileSize(ports, size);
  const partSize = validatePartSize(size, input.partSize);
  const digest = isGiven(input.digest) ? validateDigest(input.digest, "digest") : null;
  const { newKey } = await findProjectStorage(context, project);
  const key = newKey();
  const writeId = await ports.blobs.parts.begin(key);
  const now = ports.now();
  const properties: UploadProperties = {
    id: ports.newId(),
    project,
    actor: actor.name,
    size,
    partSize,
    digest,
    key,
    writeId,
    state: "OPEN",
    error: null,
    dropped: false,
    createdAt: now,
    expiresAt: now + lifetimeMs,
  };
  try {
    const rows = await ports.graph.write(async (tx) => {
      ensureProjects(ports, tx, [project]);
      return tx.run(insertUpload, { id: properties.id, properties });
    });
    return { upload: toUpload(rows[0]?.upload ?? properties) };
  } catch (error) {
    await ports.blobs.parts.abort({ key, writeId, partSize }).catch(() => undefined); // the first error matters more
    throw error;
  }
}
