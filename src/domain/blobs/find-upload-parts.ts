import type { Upload, UploadPart } from "../../model/upload.ts";
import { ifMissing } from "../../ports/blob-store.ts";
import type { Ports } from "../core/context.ts";
import { getPartCount, getPartSize } from "./upload-parts.ts";

/** All parts of an open upload, sent or not, with where to send each; empty when the upload is not open. */
export async function findUploadParts(ports: Pick<Ports, "blobs">, upload: Upload): Promise<UploadPart[]> {
  if (upload.state !== "OPEN") return [];
  // The parts are missing when another call has just completed or aborted the upload.
  const stored = await ports.blobs.parts.list(upload).catch(ifMissing([]));
  const storedByNumber = new Map(stored.map((part) => [part.number, part]));
  const numbers = Array.from({ length: getPartCount(upload) }, (_, i) => i + 1);
  return Promise.all(
    numbers.map(async (number) => {
      const size = getPartSize(upload, number);
      const part = storedByNumber.get(number);
      const etag = part?.size === size ? part.etag : null;
      const url = (await ports.blobs.parts.link(upload, number)) ?? `/uploads/${upload.id}/parts/${number}`;
      return { number, size, url, headers: [], uploaded: etag !== null, etag };
    }),
  );
}
