import { once } from "node:events";
import { Readable } from "node:stream";
import { ifMissing, type MultipartWrite, type MultipartWrites, type StoredPart } from "../../ports/blob-store.ts";
import { exactly } from "./body.ts";
import { type Bucket, read } from "./bucket.ts";
import { abort, complete, initiate } from "./upload.ts";
import { elementsOf, textOf } from "./xml.ts";

/** Seconds that a link to a part is good for. */
const validity = 24 * 3_600;

/** S3's multipart uploads: clients send parts straight to the store, with links that the service signs. */
export function partedObjects(bucket: Bucket): MultipartWrites {
  return {
    async begin(key) {
      await bucket.ready();
      return initiate(bucket, key);
    },
    link: ({ key, writeId }, number) =>
      bucket.link({ method: "PUT", key, query: { partNumber: String(number), uploadId: writeId } }, validity),
    async write({ key, writeId }, number, source, size) {
      const bytes = Readable.from(exactly(source, size), { objectMode: false });
      await once(bytes, "readable"); // or its error
      const query = { partNumber: String(number), uploadId: writeId };
      const answer = await bucket.call({ method: "PUT", key, query, body: { bytes, length: size } });
      await read(answer);
      return unquoted(answer.headers.etag ?? "");
    },
    list: (write) => listParts(bucket, write),
    complete: (write, parts) => completeOnce(bucket, write, parts),
    async abort({ key, writeId }) {
      await abort(bucket, key, writeId).catch(ifMissing(undefined));
    },
  };
}

function unquoted(etag: string): string {
  return etag.replaceAll('"', "");
}

async function listParts(bucket: Bucket, { key, writeId }: MultipartWrite): Promise<StoredPart[]> {
  const parts: StoredPart[] = [];
  for (let marker: string | undefined = "0"; marker !== undefined; ) {
    const query = { uploadId: writeId, "part-number-marker": marker };
    const page = await read(await bucket.call({ method: "GET", key, query }));
    parts.push(...elementsOf(page, "Part").map(partOf));
    marker = textOf(page, "IsTruncated") === "true" ? textOf(page, "NextPartNumberMarker") : undefined;
  }
  return parts.sort((a, b) => a.number - b.number);
}

function partOf(xml: string): StoredPart {
  const text = (name: string) => textOf(xml, name) ?? "";
  return { number: Number(text("PartNumber")), size: Number(text("Size")), etag: unquoted(text("ETag")) };
}

async function completeOnce(bucket: Bucket, write: MultipartWrite, parts: readonly StoredPart[]): Promise<void> {
  const completed = complete(bucket, write.key, write.writeId, parts).then(() => true);
  if (await completed.catch(ifMissing(false))) return;
  (await bucket.call({ method: "HEAD", key: write.key })).resume(); // completed before, or gone
}
