import type { Readable } from "node:stream";
import { BlobMissing, Superseded, WrongSize } from "../../ports/blob-store.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { findWritableUpload } from "./find-upload.ts";
import { getPartCount, getPartSize } from "./upload-parts.ts";
import { assertUploadOpen } from "./upload-state.ts";

/**
 * Stores one part of an open upload. `size` is the declared number of bytes. Throws `INVALID_INPUT` for a wrong part number or size, and `CONFLICT`
 * when the same part is sent again meanwhile.
 */
export async function storePart(
  context: RequestContext,
  part: { id: string; number: number; source: Readable; size: number | undefined },
): Promise<{ number: number; size: number; etag: string }> {
  const upload = await findWritableUpload(context, part.id);
  assertUploadOpen(upload, "OPEN");
  const { number } = part;
  const count = getPartCount(upload);
  if (!Number.isInteger(number) || number < 1 || number > count)
    throw invalid("number", `must be 1 to ${count}, the number of parts of this upload`);
  const size = getPartSize(upload, number);
  const wrongSize = () => invalid("Content-Length", `part ${number} must have exactly ${size} bytes`);
  if (part.size !== undefined && part.size !== size) throw wrongSize();
  try {
    return { number, size, etag: await context.ports.blobs.parts.write(upload, number, part.source, size) };
  } catch (error) {
    if (error instanceof WrongSize) throw wrongSize();
    if (error instanceof BlobMissing) throw notFound(`upload ${part.id} does not exist`);
    if (error instanceof Superseded) {
      const message = `another request is sending part ${number} of upload ${part.id}; this one was discarded`;
      throw new DomainError("CONFLICT", message, { expected: null, actual: null });
    }
    throw error;
  }
}
