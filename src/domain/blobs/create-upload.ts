import type { CreateUploadInput, Upload } from "../../model/upload.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { toUpload, type UploadRow } from "../core/upload-row.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { findProjectStorage } from "../recording/storage-prefix.ts";
import { validateFileSize } from "./quotas.ts";

const createRow = statement<{ id: string; properties: Value }, { upload: UploadRow }>("create-upload");

const mebibyte = 2 ** 20;

/** S3's bounds of a part, and of how many there may be. */
const smallestPart = 5 * mebibyte;

const largestPart = 5 * 2 ** 30;

const mostParts = 10_000;

const defaultPartBytes = 64 * mebibyte;

/** Milliseconds until an upload that isn't complete is dropped. */
const lifetime = 7 * 86_400_000;

function checkPartSize(size: number, given: number | null | undefined): number {
  const least = Math.ceil(size / mostParts);
  const partSize = given ?? Math.max(defaultPartBytes, Math.ceil(least / mebibyte) * mebibyte);
  if (partSize < least)
    throw invalid("partSize", `${size} bytes in at most ${mostParts} parts need at least ${least} each`);
  if (partSize < Math.min(smallestPart, size) || partSize > largestPart)
    throw invalid("partSize", `from ${smallestPart} to ${largestPart} bytes, or the whole in one part`);
  return partSize;
}

/** Begins an upload in parts, which takes them for 7 days. */
export async function createUpload(
  context: RequestContext<"lookups">,
  input: CreateUploadInput,
): Promise<{ upload: Upload }> {
  const project = validateProjectName(input.project, "project");
  authorize(context.actor, "blob:write", project);
  const { size } = input;
  if (size < 1) throw invalid("size", "at least 1; an empty file comes by PUT /blobs");
  validateFileSize(context.ports, size);
  const partSize = checkPartSize(size, input.partSize);
  const digest = input.digest ? validateDigest(input.digest, "digest") : null;
  const { newKey } = await findProjectStorage(context, project);
  const key = newKey();
  const writeId = await context.ports.blobs.parts.begin(key);
  const id = context.ports.newId();
  const now = context.ports.now();
  const properties = {
    ...{ id, project, actor: context.actor.name, size, partSize, digest, key, writeId },
    ...{ state: "OPEN" as const, error: null, dropped: false, createdAt: now, expiresAt: now + lifetime },
  };
  try {
    const rows = await context.ports.graph.write(async (tx) => {
      ensureProjects(context.ports, tx, [project]);
      return tx.run(createRow, { id, properties });
    });
    return { upload: toUpload(rows[0]?.upload ?? properties) };
  } catch (error) {
    await context.ports.blobs.parts.abort({ key, writeId, partSize }).catch(() => undefined); // the error says more
    throw error;
  }
}
