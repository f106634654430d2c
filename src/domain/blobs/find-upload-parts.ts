import type { Upload, UploadPart } from "../../model/upload.ts";
import { ifMissing } from "../../ports/blob-store.ts";
import type { Ports } from "../core/context.ts";
import { getPartCount, getPartSize } from "./upload-parts.ts";

/** The parts of an open upload, and which are there; none once it is no longer open. */
export async function findUploadParts(ports: Pick<Ports, "blobs">, upload: Upload): Promise<UploadPart[]> {
  if (upload.state !== "OPEN") return [];
  // What is just being ended has none any more.
  const listed = await ports.blobs.parts.list(upload).catch(ifMissing([]));
  const stored = new Map(listed.map((part) => [part.number, part]));
  const numbers = Array.from({ length: getPartCount(upload) }, (_, i) => i + 1);
  return Promise.all(
    numbers.map(async (number) => {
      const size = getPartSize(upload, number);
      const there = stored.get(number);
      const etag = there?.size === size ? there.etag : null;
      const url = (await ports.blobs.parts.link(upload, number)) ?? `/uploads/${upload.id}/parts/${number}`;
      return { number, size, url, headers: [], uploaded: etag !== null, etag };
    }),
  );
}
