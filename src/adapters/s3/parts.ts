import { once } from "node:events";
import { Readable } from "node:stream";
import { ifMissing, type MultipartWrite, type MultipartWrites, type StoredPart } from "../../ports/blob-store.ts";
import { withExactSize } from "./body.ts";
import { type Bucket, readText } from "./bucket.ts";
import { abortUpload, completeUpload, createUpload } from "./upload.ts";
import { findElements, findText } from "./xml.ts";

/** How long a link to a part is valid. */
const linkSeconds = 24 * 3_600;

/** S3's multipart uploads: clients send parts directly to the store, with links that the service signs. */
export function multipartObjects(bucket: Bucket): MultipartWrites {
  return {
    async begin(key) {
      await bucket.ready();
      return createUpload(bucket, key);
    },
    link: ({ key, writeId }, number) =>
      bucket.link({ method: "PUT", key, query: { partNumber: String(number), uploadId: writeId } }, linkSeconds),
    async write({ key, writeId }, number, source, size) {
      const bytes = Readable.from(withExactSize(source, size), { objectMode: false });
      await once(bytes, "readable"); // or its error
      const query = { partNumber: String(number), uploadId: writeId };
      const response = await bucket.call({ method: "PUT", key, query, body: { bytes, length: size } });
      await readText(response);
      return stripQuotes(response.headers.etag ?? "");
    },
    list: (write) => listParts(bucket, write),
    complete: (write, parts) => completeOnce(bucket, write, parts),
    async abort({ key, writeId }) {
      await abortUpload(bucket, key, writeId).catch(ifMissing(undefined));
    },
  };
}

function stripQuotes(etag: string): string {
  return etag.replaceAll('"', "");
}

async function listParts(bucket: Bucket, { key, writeId }: MultipartWrite): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (let marker: string | undefined = "0"; marker !== undefined; ) {
    const query = { uploadId: writeId, "part-number-marker": marker };
    const page = await readText(await bucket.call({ method: "GET", key, query }));
    parts.push(...findElements(page, "Part").map(toStoredPart));
    marker = findText(page, "IsTruncated") === "true" ? findText(page, "NextPartNumberMarker") : undefined;
  }
  return parts.sort((a, b) => a.number - b.number);
}

function toStoredPart(xml: string): StoredPart {
  const text = (name: string) => findText(xml, name) ?? "";
  return { number: Number(text("PartNumber")), size: Number(text("Size")), etag: stripQuotes(text("ETag")) };
}

async function completeOnce(bucket: Bucket, write: MultipartWrite, parts: readonly StoredPart[]): Promise<void> {
  const completed = completeUpload(bucket, write.key, write.writeId, parts).then(() => true);
  if (await completed.catch(ifMissing(false))) return;
  // The upload no longer exists: either it was completed before and the object exists, or this rejects with `BlobMissing`.
  (await bucket.call({ method: "HEAD", key: write.key })).resume();
}
