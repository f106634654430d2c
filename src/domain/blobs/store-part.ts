import type { Readable } from "node:stream";
import { BlobMissing, Superseded, WrongSize } from "../../ports/blob-store.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { findWritableUpload } from "./find-upload.ts";
import { getPartCount, getPartSize, nobody } from "./upload-parts.ts";
import { assertUploadOpen } from "./upload-state.ts";

/** Stores one part that comes through the service; resolves with its etag. `size` is what the sender says is to come. */
export async function storePart(
  context: RequestContext,
  part: { id: string; number: number; source: Readable; size: number | undefined },
): Promise<{ number: number; size: number; etag: string }> {
  const upload = await findWritableUpload(context, part.id);
  assertUploadOpen(upload, "OPEN");
  const { number } = part;
  if (!Number.isInteger(number) || number < 1 || number > getPartCount(upload))
    throw invalid("number", `the upload has the parts 1 to ${getPartCount(upload)}`);
  const size = getPartSize(upload, number);
  const wrong = () => invalid("Content-Length", `part ${number} has ${size} bytes`);
  if (part.size !== undefined && part.size !== size) throw wrong();
  try {
    return { number, size, etag: await context.ports.blobs.parts.write(upload, number, part.source, size) };
  } catch (error) {
    if (error instanceof WrongSize) throw wrong();
    if (error instanceof BlobMissing) throw notFound(`upload ${part.id} does not exist`);
    if (error instanceof Superseded) throw new DomainError("CONFLICT", "the part is being sent anew", nobody);
    throw error;
  }
}
