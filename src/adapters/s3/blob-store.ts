import { once } from "node:events";
import { Readable } from "node:stream";
import { createSemaphore, type Semaphore } from "../../lib/semaphore.ts";
import { assertBlobKey, type BlobStore, type ByteRange } from "../../ports/blob-store.ts";
import { exactly } from "./body.ts";
import { type Bucket, modest, openBucket, read, type S3Settings } from "./bucket.ts";
import { listObjects } from "./list.ts";
import { partedObjects } from "./parts.ts";
import { partSizeFor, tryWriting, upload } from "./upload.ts";

/** Objects that are sent in parts at once, as each holds one in memory. */
const largeAtOnce = 8;

/** What S3 takes in one request, in bytes. */
const maximumPut = 5 * 1024 ** 3;

/**
 * Blobs as objects in a bucket, which is made when missing, where the keys allow it, at the first use. Nothing is asked of the store before that,
 * and a failure is forgotten by the next call: the service starts, and recovers, whatever state the store is in.
 * A known size up to 5 GiB is one streamed request; anything else is sent in parts of 16 MiB.
 */
export function s3Blobs(settings: S3Settings): BlobStore {
  const bucket = openBucket(settings);
  const large = createSemaphore(largeAtOnce);
  return {
    async write(key, source, size) {
      source.on("error", () => {}); // it may fail before it is read; reading it then throws
      try {
        assertBlobKey(key);
        await bucket.ready();
        await writeBytes(bucket, key, source, size, large);
      } catch (error) {
        source.destroy();
        throw error;
      }
    },
    async read(key, range) {
      assertBlobKey(key);
      const headers = range && { Range: rangeHeader(range) };
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
      await read(await bucket.call({ method: "DELETE", key }));
    },
    list: () => listObjects(bucket),
    parts: partedObjects(bucket),
    async check() {
      await bucket.ready();
      await tryWriting(bucket, ".check");
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
  large: Semaphore,
): Promise<void> {
  const chunks = size === undefined ? source : exactly(source, size);
  // What is modest goes that way too, from memory, and so does what is empty: streamed it would never be read, and what is wrong with it not be noticed.
  if (size === undefined || size <= modest || size > maximumPut)
    return upload(bucket, key, chunks, partSizeFor(size), large);
  const bytes = Readable.from(chunks, { objectMode: false });
  await once(bytes, "readable"); // or its error: SeaweedFS takes a request that ends before its first byte for an empty object
  await read(await bucket.call({ method: "PUT", key, body: { bytes, length: size } }));
}

function rangeHeader({ start, end }: ByteRange): string {
  if (!(start >= 0 && start <= end)) throw new RangeError(`bytes ${start} to ${end}`);
  return `bytes=${start}-${end}`;
}
