import { Readable } from "node:stream";
import type { Semaphore } from "../../lib/semaphore.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { type Bucket, bodyOf, read } from "./bucket.ts";
import { textOf } from "./xml.ts";

const mebibyte = 1024 * 1024;
const maximumParts = 10_000;

/** Bytes of each part: 16 MiB, or more where `size` would need more parts than S3 allows. This much is held in memory. */
export function partSizeFor(size = 0): number {
  return Math.max(16, Math.ceil(size / maximumParts / mebibyte)) * mebibyte;
}

/** Bytes that an object may have without waiting for the memory of a whole part. */
const small = mebibyte;

/**
 * Writes an object part by part: in one request when one part is all, else by multipart upload, which is aborted on failure. Whatever is
 * larger than 1 MiB holds a part in memory, and waits for its turn among `large` ones.
 */
export async function upload(
  bucket: Bucket,
  key: string,
  source: AsyncIterable<Buffer>,
  partSize: number,
  large: Semaphore,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Part = { chunks: [], length: 0 };
    while (head.length < small) {
      const next = await chunks.next();
      if (next.done) return await put(bucket, key, head);
      head.chunks.push(next.value);
      head.length += next.value.length;
    }
    await large(() => uploadParts(bucket, key, following(head.chunks, chunks), partSize));
  } finally {
    await chunks.return?.();
  }
}

async function* following(head: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function uploadParts(
  bucket: Bucket,
  key: string,
  source: AsyncIterable<Buffer>,
  partSize: number,
): Promise<void> {
  let parts: Multipart | undefined;
  try {
    for await (const part of cut(source, partSize)) {
      if (!parts && part.length < partSize) return await put(bucket, key, part);
      parts ??= await begin(bucket, key);
      await parts.add(part.chunks);
    }
    await parts?.complete();
  } catch (error) {
    const aborted = parts?.abort().catch(() => {}); // what stays behind is invisible; stores drop it after some days
    if (!(error instanceof Unavailable)) await aborted;
    throw error;
  }
}

async function put(bucket: Bucket, key: string, part: Part): Promise<void> {
  await read(await bucket.call({ method: "PUT", key, body: bodyOf(part.chunks) }));
}

interface Part {
  chunks: Buffer[];
  length: number;
}

/** Parts of exactly `partSize`, but for the last; at least one, perhaps empty. */
async function* cut(source: AsyncIterable<Buffer>, partSize: number): AsyncGenerator<Part> {
  let part: Part = { chunks: [], length: 0 };
  let count = 0;
  for await (const chunk of source) {
    for (let rest = chunk; rest.length > 0; ) {
      const used = rest.subarray(0, partSize - part.length);
      part.chunks.push(used);
      part.length += used.length;
      rest = rest.subarray(used.length);
      if (part.length < partSize) continue;
      yield part;
      count += 1;
      part = { chunks: [], length: 0 };
    }
  }
  if (count === 0 || part.length > 0) yield part;
}

interface Multipart {
  add(chunks: Buffer[]): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function begin(bucket: Bucket, key: string): Promise<Multipart> {
  const uploadId = await initiate(bucket, key);
  const etags: string[] = [];
  return {
    async add(chunks) {
      if (etags.length === maximumParts) throw new RangeError("too many bytes for an upload of unknown size");
      const query = { partNumber: String(etags.length + 1), uploadId };
      const answer = await bucket.call({ method: "PUT", key, query, body: bodyOf(chunks) });
      await read(answer);
      etags.push(answer.headers.etag ?? "");
    },
    complete: () =>
      complete(
        bucket,
        key,
        uploadId,
        etags.map((etag, i) => ({ number: i + 1, etag })),
      ),
    abort: () => abort(bucket, key, uploadId),
  };
}

/** Begins and drops an upload: needs the same permissions as a write, and leaves no object. */
export async function tryWriting(bucket: Bucket, key: string): Promise<void> {
  await abort(bucket, key, await initiate(bucket, key));
}

/** Makes one object of parts, which are in order. */
export async function complete(
  bucket: Bucket,
  key: string,
  uploadId: string,
  parts: readonly { number: number; etag: string }[],
): Promise<void> {
  const list = parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
  const xml = Buffer.from(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
  // Sent as a stream, so that the store first says `100 Continue`: from then on the longer limit on silence applies, and joining parts may take long.
  const body = { bytes: Readable.from([xml], { objectMode: false }), length: xml.length };
  const answer = await read(await bucket.call({ method: "POST", key, query: { uploadId }, body }));
  // S3 says 200 before it knows.
  if (!answer.includes("<CompleteMultipartUploadResult"))
    throw new Unavailable("blobs", new Error("upload not completed"));
}

/** Begins a multipart upload; resolves with its id. */
export async function initiate(bucket: Bucket, key: string): Promise<string> {
  const answer = await read(await bucket.call({ method: "POST", key, query: { uploads: "" } }));
  const id = textOf(answer, "UploadId");
  if (!id) throw new Unavailable("blobs", new Error("no upload id"));
  return id;
}

/** Drops a multipart upload and its parts. */
export async function abort(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  await read(await bucket.call({ method: "DELETE", key, query: { uploadId } }));
}
