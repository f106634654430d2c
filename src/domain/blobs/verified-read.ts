import { pipeline, type Readable, Transform, type TransformCallback } from "node:stream";
import { BlobMissing, type ByteRange } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import type { ServiceContext } from "../core/context.ts";
import { type Content, createDigester } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";

/** An object in the blob store is missing or differs from the content that was recorded. */
export class CorruptBlobError extends Error {
  constructor({ digest, key }: Content, actual: string) {
    super(`object ${key} should hold content ${digest} but ${actual}`);
  }
}

/** Opens a content or a range of it, without verifying it. Throws `GONE`, and reports corruption, when the object is missing from the blob store. */
async function openContent(
  { ports, services }: ServiceContext<"contentStore">,
  content: Content,
  range?: ByteRange,
): Promise<Readable> {
  try {
    return await ports.blobs.read(content.key, range);
  } catch (error) {
    if (!(error instanceof BlobMissing)) throw error;
    await services.contentStore.reportCorruption(new CorruptBlobError(content, "is missing"), content.key);
    throw new DomainError("GONE", `the bytes of content ${content.digest} are missing from the blob store`, {});
  }
}

function isShorter(content: Content): CorruptBlobError {
  return new CorruptBlobError(content, `has fewer than ${content.size} bytes`);
}

/** Reports what is wrong with a content, if anything. */
type Report = (corruption: CorruptBlobError) => Promise<void>;

function createReport({ services }: ServiceContext<"contentStore">, { key }: Content): Report {
  return (corruption) => services.contentStore.reportCorruption(corruption, key);
}

/** Ends a turn of a transform. Corruption is reported before the stream fails: what its reader does next must find the content marked. */
function finishTurn(
  corruption: CorruptBlobError | null,
  report: Report,
  done: TransformCallback,
  chunk?: Buffer,
): void {
  if (corruption) void report(corruption).then(() => done(corruption));
  else done(null, chunk);
}

/** Passes bytes on, and fails when they end before there are `size`. */
function createCountingTransform(content: Content, size: number, report: Report): Transform {
  let count = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      count += chunk.length;
      done(null, chunk);
    },
    flush: (done) => finishTurn(count < size ? isShorter(content) : null, report, done),
  });
}

/**
 * Streams a range that lies within a content. If the object turns out to be shorter than was recorded, this rejects or the stream fails with
 * `CorruptBlobError`, and the corruption is reported; the bytes themselves are not verified.
 */
export async function readRange(
  context: ServiceContext<"contentStore">,
  content: Content,
  range: ByteRange,
): Promise<Readable> {
  const report = createReport(context, content);
  try {
    const source = await openContent(context, content, range);
    return pipeline(source, createCountingTransform(content, range.end - range.start + 1, report), () => undefined);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    await report(isShorter(content));
    throw isShorter(content);
  }
}

/** Compares bytes with a content chunk by chunk; both methods return what is wrong, or null. */
function createVerifier(expected: Content) {
  const digester = createDigester();
  return {
    add: (chunk: Buffer): CorruptBlobError | null =>
      digester.add(chunk) > expected.size
        ? new CorruptBlobError(expected, `has more than ${expected.size} bytes`)
        : null,
    end(): CorruptBlobError | null {
      const { digest, size } = digester.end();
      return digest === expected.digest ? null : new CorruptBlobError(expected, `holds ${size} bytes of ${digest}`);
    },
  };
}

/** Passes bytes on, and holds the last chunk back until all of them have been verified. */
function createVerifyingTransform(expected: Content, report: Report): Transform {
  const verifier = createVerifier(expected);
  let lastChunk: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const previous = lastChunk;
      lastChunk = chunk;
      finishTurn(verifier.add(chunk), report, done, previous);
    },
    flush: (done) => finishTurn(verifier.end(), report, done, lastChunk),
  });
}

/**
 * Streams a whole content and verifies it. If it differs from what was recorded, the stream fails with `CorruptBlobError` before its last
 * chunk, and the corruption is reported. Destroying the stream also closes the connection to the blob store.
 */
export async function readVerified(context: ServiceContext<"contentStore">, expected: Content): Promise<Readable> {
  const source = await openContent(context, expected);
  return pipeline(source, createVerifyingTransform(expected, createReport(context, expected)), () => undefined);
}

/** The chunks of a stream. A blob store that fails in the middle of it is `Unavailable`, as one that can't be reached at all. */
async function* readChunks(source: Readable): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = source;
  try {
    yield* chunks;
  } catch (cause) {
    throw cause instanceof Unavailable ? cause : new Unavailable("blobs", cause);
  }
}

async function loadVerified(context: ServiceContext<"contentStore">, expected: Content): Promise<Buffer> {
  const verifier = createVerifier(expected);
  const assertIntact = async (corruption: CorruptBlobError | null) => {
    if (!corruption) return;
    await createReport(context, expected)(corruption);
    throw corruption;
  };
  // Not from Node's shared pool: a cached slice would keep the whole pool in memory.
  const bytes = Buffer.allocUnsafeSlow(expected.size);
  let position = 0;
  for await (const chunk of readChunks(await openContent(context, expected))) {
    await assertIntact(verifier.add(chunk));
    position += chunk.copy(bytes, position);
  }
  await assertIntact(verifier.end());
  return bytes;
}

/** Like `readVerified`, but into memory, from the cache if possible; for contents that are small enough. */
export async function readWhole(context: ServiceContext<"contentStore">, expected: Content): Promise<Buffer> {
  const { cache } = context.services.contentStore;
  const cached = cache.get(expected.digest);
  if (cached) return cached;
  const bytes = await loadVerified(context, expected);
  cache.set(expected.digest, bytes);
  return bytes;
}
