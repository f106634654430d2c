import { once } from "node:events";
import { Readable } from "node:stream";
import { createSemaphore, type Semaphore } from "../../lib/semaphore.ts";
import { assertBlobKey, type BlobStore, type ByteRange } from "../../ports/blob-store.ts";
import { withExactSize } from "./body.ts";
import { type Bucket, maxInlineBytes, openBucket, readText, type S3Settings } from "./bucket.ts";
import { listObjects } from "./list.ts";
import { multipartObjects } from "./parts.ts";
import { chooseMultipartSize, probeWrite, uploadObject } from "./upload.ts";

/** How many objects are sent in parts concurrently; each holds one part in memory. */
const maxMultipartWrites = 8;

/** The largest object that S3 accepts in one request. */
const maxPutBytes = 5 * 1024 ** 3;

/**
 * Blobs as objects in a bucket, which is created at the first use if it is missing and the credentials allow it. Nothing is asked of the store before
 * that, and the next call after a failure starts over, so the service starts and recovers whatever state the store is in. An object of a known size
 * up to 5 GiB is sent in one streamed request, any other in parts of 16 MiB.
 */
export function s3Blobs(settings: S3Settings): BlobStore {
  const bucket = openBucket(settings);
  const multipartSlots = createSemaphore(maxMultipartWrites);
  return {
    async write(key, source, size) {
      source.on("error", () => {}); // it may fail before it is read; reading it then throws
      try {
        assertBlobKey(key);
        await bucket.ready();
        await writeBytes(bucket, key, source, size, multipartSlots);
      } catch (error) {
        source.destroy();
        throw error;
      }
    },
    async read(key, range) {
      assertBlobKey(key);
      const headers = range && { Range: toRangeHeader(range) };
      await bucket.ready();
      return bucket.call({ method: "GET", key, ...(headers && { headers }) });
    },
    async link(key, seconds, { contentType, contentDisposition }) {
      assertBlobKey(key);
      const query = { "response-content-type": contentType, "response-content-disposition": contentDisposition };
      return bucket.link({ method: "GET", key, query }, seconds);
    },
    async remove(key) {
      assertBlobKey(key);
      await bucket.ready();
      await readText(await bucket.call({ method: "DELETE", key }));
    },
    list: () => listObjects(bucket),
    parts: multipartObjects(bucket),
    async check() {
      await bucket.ready();
      await probeWrite(bucket, ".check");
    },
    async close() {
      bucket.close();
    },
  };
}

async function writeBytes(
  bucket: Bucket,
  key: string,
  source: Readable,
  size: number | undefined,
  multipartSlots: Semaphore,
): Promise<void> {
  const chunks = size === undefined ? source : withExactSize(source, size);
  // Small objects are sent from memory. Empty ones too: a stream of no bytes would never be read, and its error not be noticed.
  if (size === undefined || size <= maxInlineBytes || size > maxPutBytes)
    return uploadObject(bucket, key, chunks, chooseMultipartSize(size), multipartSlots);
  const bytes = Readable.from(chunks, { objectMode: false });
  await once(bytes, "readable"); // or its error: SeaweedFS stores an empty object when a request ends before its first byte
  await readText(await bucket.call({ method: "PUT", key, body: { bytes, length: size } }));
}

function toRangeHeader({ start, end }: ByteRange): string {
  if (!(start >= 0 && start <= end)) throw new RangeError(`bytes ${start} to ${end}`);
  return `bytes=${start}-${end}`;
}
