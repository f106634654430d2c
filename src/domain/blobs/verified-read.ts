import { pipeline, type Readable, Transform } from "node:stream";
import { BlobMissing, type ByteRange } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import type { ServiceContext } from "../core/context.ts";
import { type Content, createDigester } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";

/** Bytes in the store are missing, or not those that were stored. */
export class CorruptBlobError extends Error {
  constructor({ digest, key }: Content, actual: string) {
    super(`the object ${key} has ${actual}, not ${digest}`);
  }
}

/** The bytes of a content, or a range of them. What isn't in the store any more was taken from it by others: `GONE`, and told to `deps.damaged`. */
export async function openContent(
  { ports, services }: ServiceContext<"contentStore">,
  content: Content,
  range?: ByteRange,
): Promise<Readable> {
  try {
    return await ports.blobs.read(content.key, range);
  } catch (error) {
    if (!(error instanceof BlobMissing)) throw error;
    services.contentStore.reportCorruption(new CorruptBlobError(content, "nothing"));
    throw new DomainError("GONE", `the bytes of ${content.digest} are missing from the store`, {});
  }
}

/** Looks at bytes as they come; says, with the last of them, what is wrong with them. */
function examine(expected: Content) {
  const measuring = createDigester();
  return {
    add: (chunk: Buffer): CorruptBlobError | null =>
      measuring.add(chunk) > expected.size ? new CorruptBlobError(expected, `more than ${expected.size} bytes`) : null,
    end(): CorruptBlobError | null {
      const { digest, size } = measuring.end();
      return digest === expected.digest ? null : new CorruptBlobError(expected, `${digest} in ${size} bytes`);
    },
  };
}

/** Passes bytes on, but the last of them only when all are as expected. */
function verifier(expected: Content): Transform {
  const examined = examine(expected);
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const before = held;
      held = chunk;
      done(examined.add(chunk), before);
    },
    flush: (done) => done(examined.end(), held),
  });
}

/**
 * A whole content, checked as it streams: bytes that aren't those that were stored end it with `Damaged` before the last of them, which
 * is told to `deps.damaged`. Whoever destroys it lets go of the store's connection too.
 */
export async function readVerified(context: ServiceContext<"contentStore">, expected: Content): Promise<Readable> {
  const source = await openContent(context, expected);
  return pipeline(source, verifier(expected), (error) => {
    if (error instanceof CorruptBlobError) context.services.contentStore.reportCorruption(error);
  });
}

/** The bytes of a stream; a store that fails in the middle of it is as away as one that can't be asked at all. */
async function* piecesOf(source: Readable): AsyncGenerator<Buffer> {
  try {
    yield* source as AsyncIterable<Buffer>;
  } catch (cause) {
    throw cause instanceof Unavailable ? cause : new Unavailable("blobs", cause);
  }
}

async function fetchWhole(context: ServiceContext<"contentStore">, expected: Content): Promise<Buffer> {
  const examined = examine(expected);
  const check = (damaged: CorruptBlobError | null) => {
    if (!damaged) return;
    context.services.contentStore.reportCorruption(damaged);
    throw damaged;
  };
  // Memory of its own: a part of what Node shares out would keep the rest of that alive.
  const bytes = Buffer.allocUnsafeSlow(expected.size);
  let position = 0;
  for await (const chunk of piecesOf(await openContent(context, expected))) {
    check(examined.add(chunk));
    position += chunk.copy(bytes, position);
  }
  check(examined.end());
  return bytes;
}

/** The same in memory, for what is not too large for that. What is small and was read lately is given without asking the store. */
export async function readWhole(context: ServiceContext<"contentStore">, expected: Content): Promise<Buffer> {
  const known = context.services.contentStore.cache.get(expected.digest);
  if (known) return known;
  const bytes = await fetchWhole(context, expected);
  context.services.contentStore.cache.set(expected.digest, bytes);
  return bytes;
}
