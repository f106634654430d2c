import { Readable } from "node:stream";
import type { Semaphore } from "../../lib/semaphore.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { type Bucket, readText, toBody } from "./bucket.ts";
import { findText } from "./xml.ts";

const mebibyte = 1024 * 1024;
const minPartMebibytes = 16;
const maxParts = 10_000;

/** The bytes of each part: 16 MiB, or more when `size` would need more parts than S3 allows. One part is held in memory. */
export function chooseMultipartSize(size = 0): number {
  return Math.max(minPartMebibytes, Math.ceil(size / maxParts / mebibyte)) * mebibyte;
}

/** Objects of fewer bytes are sent without waiting for a multipart slot. */
const maxUnqueuedBytes = mebibyte;

/**
 * Writes an object: in one request when it fits a part, otherwise by a multipart upload, which is aborted on failure. An object of 1 MiB or more holds
 * a part in memory and waits for one of `multipartSlots`.
 */
export async function uploadObject(
  bucket: Bucket,
  key: string,
  source: AsyncIterable<Buffer>,
  partSize: number,
  multipartSlots: Semaphore,
): Promise<void> {
  const chunks = source[Symbol.asyncIterator]();
  try {
    const head: Part = { chunks: [], length: 0 };
    while (head.length < maxUnqueuedBytes) {
      const next = await chunks.next();
      if (next.done) return await putObject(bucket, key, head);
      head.chunks.push(next.value);
      head.length += next.value.length;
    }
    await multipartSlots(() => uploadParts(bucket, key, concatenate(head.chunks, chunks), partSize));
  } finally {
    await chunks.return?.();
  }
}

async function* concatenate(head: Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* head;
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
}

async function uploadParts(
  bucket: Bucket,
  key: string,
  source: AsyncIterable<Buffer>,
  partSize: number,
): Promise<void> {
  let upload: MultipartUpload | undefined;
  try {
    for await (const part of splitIntoParts(source, partSize)) {
      if (!upload && part.length < partSize) return await putObject(bucket, key, part);
      upload ??= await beginUpload(bucket, key);
      await upload.add(part.chunks);
    }
    await upload?.complete();
  } catch (error) {
    const aborted = upload?.abort().catch(() => {}); // parts that stay behind are invisible; stores drop them after some days
    if (!(error instanceof Unavailable)) await aborted;
    throw error;
  }
}

async function putObject(bucket: Bucket, key: string, part: Part): Promise<void> {
  await readText(await bucket.call({ method: "PUT", key, body: toBody(part.chunks) }));
}

interface Part {
  chunks: Buffer[];
  length: number;
}

/** Parts of exactly `partSize` bytes, except the last one; at least one part, which may be empty. */
async function* splitIntoParts(source: AsyncIterable<Buffer>, partSize: number): AsyncGenerator<Part> {
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

interface MultipartUpload {
  add(chunks: Buffer[]): Promise<void>;
  complete(): Promise<void>;
  abort(): Promise<void>;
}

async function beginUpload(bucket: Bucket, key: string): Promise<MultipartUpload> {
  const uploadId = await createUpload(bucket, key);
  const etags: string[] = [];
  const toParts = () => etags.map((etag, i) => ({ number: i + 1, etag }));
  return {
    async add(chunks) {
      if (etags.length === maxParts) throw new RangeError("too many bytes for an upload of unknown size");
      const query = { partNumber: String(etags.length + 1), uploadId };
      const response = await bucket.call({ method: "PUT", key, query, body: toBody(chunks) });
      await readText(response);
      etags.push(response.headers.etag ?? "");
    },
    complete: () => completeUpload(bucket, key, uploadId, toParts()),
    abort: () => abortUpload(bucket, key, uploadId),
  };
}

/** Begins a multipart upload and aborts it: that needs the same permissions as a write and leaves no object. */
export async function probeWrite(bucket: Bucket, key: string): Promise<void> {
  await abortUpload(bucket, key, await createUpload(bucket, key));
}

/** Makes one object of the parts of an upload, in this order. */
export async function completeUpload(
  bucket: Bucket,
  key: string,
  uploadId: string,
  parts: readonly { number: number; etag: string }[],
): Promise<void> {
  const list = parts.map(({ number, etag }) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`);
  const xml = Buffer.from(`<CompleteMultipartUpload>${list.join("")}</CompleteMultipartUpload>`);
  // Sent as a stream: after the store's `100 Continue` the longer timeout applies, because joining parts may take long.
  const body = { bytes: Readable.from([xml], { objectMode: false }), length: xml.length };
  const response = await readText(await bucket.call({ method: "POST", key, query: { uploadId }, body }));
  // S3 sends status 200 before it knows the outcome.
  if (!response.includes("<CompleteMultipartUploadResult"))
    throw new Unavailable("blobs", new Error("the store did not complete the multipart upload"));
}

/** Begins a multipart upload; resolves with its id. */
export async function createUpload(bucket: Bucket, key: string): Promise<string> {
  const response = await readText(await bucket.call({ method: "POST", key, query: { uploads: "" } }));
  const id = findText(response, "UploadId");
  if (!id) throw new Unavailable("blobs", new Error("the store gave no upload id"));
  return id;
}

/** Drops a multipart upload and its parts. */
export async function abortUpload(bucket: Bucket, key: string, uploadId: string): Promise<void> {
  await readText(await bucket.call({ method: "DELETE", key, query: { uploadId } }));
}
