import type { Readable } from "node:stream";
import type { IdInput } from "../../model/node.ts";
import type {
  CompletedPartInput,
  CompleteUploadInput,
  CreateUploadInput,
  Upload,
  UploadPart,
} from "../../model/upload.ts";
import { BlobMissing, ifMissing, type StoredPart, Superseded, WrongSize } from "../../ports/blob-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { authorizeEntity, loadUpload } from "../core/entities.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { toUpload, type UploadRow } from "../core/rows.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { findPlace } from "../recording/storage-prefix.ts";
import { validateFileSize } from "./quotas.ts";
import { claimUpload, dropUpload, endUpload } from "./verification.ts";

const createRow = statement<{ id: string; properties: Value }, { upload: UploadRow }>("create-upload");

const mebibyte = 2 ** 20;
/** S3's bounds of a part, and of how many there may be. */
const smallestPart = 5 * mebibyte;
const largestPart = 5 * 2 ** 30;
const mostParts = 10_000;
const defaultPartBytes = 64 * mebibyte;
/** Milliseconds until an upload that isn't complete is dropped. */
const lifetime = 7 * 86_400_000;
/** Milliseconds that `completeUpload` waits for the whole to be read back. */
const patience = 10_000;

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
  const { newKey } = await findPlace(context, project);
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

/** How many parts an upload has, and the bytes of one. */
function partCount({ size, partSize }: Upload): number {
  return Math.ceil(size / partSize);
}
function sizeOfPart({ size, partSize }: Upload, number: number): number {
  return Math.min(partSize, size - (number - 1) * partSize);
}

/** The parts of an open upload, and which are there; none once it is no longer open. */
export async function findUploadParts(ports: Pick<Ports, "blobs">, upload: Upload): Promise<UploadPart[]> {
  if (upload.state !== "OPEN") return [];
  // What is just being ended has none any more.
  const listed = await ports.blobs.parts.list(upload).catch(ifMissing([]));
  const stored = new Map(listed.map((part) => [part.number, part]));
  const numbers = Array.from({ length: partCount(upload) }, (_, i) => i + 1);
  return Promise.all(
    numbers.map(async (number) => {
      const size = sizeOfPart(upload, number);
      const there = stored.get(number);
      const etag = there?.size === size ? there.etag : null;
      const url = (await ports.blobs.parts.link(upload, number)) ?? `/uploads/${upload.id}/parts/${number}`;
      return { number, size, url, headers: [], uploaded: etag !== null, etag };
    }),
  );
}

/** An upload by its id, for whoever began it, and those who may look after the uploads of others in its project. */
async function findUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await loadUpload(context.ports, id);
  authorizeEntity(context.actor, upload);
  return upload;
}

/** The same, to go on with it. */
async function resumeUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await findUpload(context, id);
  authorize(context.actor, "blob:write", upload.projectName);
  return upload;
}

/** The same, null when there is none. */
export async function findUploadOrNull(context: RequestContext, id: string): Promise<Upload | null> {
  try {
    return await findUpload(context, id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

function checkOpen(upload: Upload, to: string): void {
  if (upload.state === "OPEN") return;
  const why = upload.error ? `: ${upload.error}` : "";
  const message = `upload ${upload.id} is ${upload.state}${why}; begin another with createUpload`;
  throw new DomainError("ILLEGAL_TRANSITION", message, { from: upload.state, to });
}

const nobody = { expected: null, actual: null };

/** Stores one part that comes through the service; resolves with its etag. `size` is what the sender says is to come. */
export async function storePart(
  context: RequestContext,
  part: { id: string; number: number; source: Readable; size: number | undefined },
): Promise<{ number: number; size: number; etag: string }> {
  const upload = await resumeUpload(context, part.id);
  checkOpen(upload, "OPEN");
  const { number } = part;
  if (!Number.isInteger(number) || number < 1 || number > partCount(upload))
    throw invalid("number", `the upload has the parts 1 to ${partCount(upload)}`);
  const size = sizeOfPart(upload, number);
  const wrong = () => invalid("Content-Length", `part ${number} has ${size} bytes`);
  if (part.size !== undefined && part.size !== size) throw wrong();
  try {
    return { number, size, etag: await context.ports.blobs.parts.write(upload, number, part.source, size) };
  } catch (error) {
    if (error instanceof WrongSize) throw wrong();
    if (error instanceof BlobMissing) throw notFound(`upload ${part.id}`);
    if (error instanceof Superseded) throw new DomainError("CONFLICT", "the part is being sent anew", nobody);
    throw error;
  }
}

function plain(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

/** What was said to have been sent must be what is there: every part, once, in order. */
function checkParts(upload: Upload, given: readonly CompletedPartInput[], stored: readonly StoredPart[]): void {
  const count = partCount(upload);
  const there = new Map(stored.map((part) => [part.number, part]));
  if (given.length !== count) throw invalid("parts", `the upload has ${count} parts, and ${given.length} are named`);
  given.forEach(({ number, etag }, i) => {
    const part = there.get(i + 1);
    if (number !== i + 1) throw invalid(`parts.${i}.number`, `${i + 1} is due: each part once, in order`);
    if (!part) throw invalid(`parts.${i}`, `part ${number} has not been sent`);
    if (part.size !== sizeOfPart(upload, number))
      throw invalid(`parts.${i}`, `part ${number} has ${part.size} bytes instead of ${sizeOfPart(upload, number)}`);
    if (part.etag !== plain(etag)) throw invalid(`parts.${i}.etag`, `part ${number} has the etag ${part.etag}`);
  });
}

/**
 * Makes one content of the parts and reads it back; answers when that is done, or after 10 seconds with VERIFYING. Again for an upload that
 * is on its way or COMPLETE it only tells how that stands.
 */
export async function completeUpload(
  context: RequestContext<"uploadVerifier">,
  input: CompleteUploadInput,
): Promise<{ upload: Upload }> {
  const asked = await resumeUpload(context, input.id);
  const stored = asked.state === "OPEN" ? await context.ports.blobs.parts.list(asked).catch(ifMissing(null)) : null;
  // Its parts are gone as soon as another call has completed it.
  const upload = stored ? asked : await loadUpload(context.ports, input.id);
  if (upload.state === "FAILED") checkOpen(upload, "COMPLETE");
  if (upload.state === "OPEN") {
    checkParts(upload, input.parts, stored ?? []);
    const by = context.ports.newId();
    if (await claimUpload(context.ports, upload.id, by)) {
      await Promise.race([
        context.services.uploadVerifier.verify(upload, by),
        new Promise((done) => setTimeout(done, patience).unref()),
      ]);
    }
  }
  return { upload: await loadUpload(context.ports, upload.id) };
}

/** Drops an upload that isn't complete, with the parts that were sent. */
export async function abortUpload(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const upload = await resumeUpload(context, id);
  const ended = await endUpload(context.ports, upload, { by: null, state: "FAILED", error: "it was aborted" });
  if (!ended) checkOpen(await loadUpload(context.ports, id), "FAILED");
  await dropUpload(context.ports, upload);
  return { id };
}
