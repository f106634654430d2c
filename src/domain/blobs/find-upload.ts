import type { Upload, UploadPart } from "../../model/upload.ts";
import { ifMissing } from "../../ports/blob-store.ts";
import type { Ports, RequestContext } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { findUpload, partCount, sizeOfPart } from "./uploads.ts";

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

/** The same, null when there is none. */
export async function findUploadOrNull(context: RequestContext, id: string): Promise<Upload | null> {
  try {
    return await findUpload(context, id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}
