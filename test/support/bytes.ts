import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";

const chunkSize = 64 * 1024;

/** A stream of `size` random bytes, made as it is read; `given` counts the bytes read so far and `digest` is their SHA-256. */
export function streamOf(size: number): { source: Readable; given: () => number; digest: () => string } {
  const hash = createHash("sha256");
  let given = 0;
  function* chunks() {
    const random = randomBytes(chunkSize);
    for (let left = size, i = 0; left > 0; left -= chunkSize, i += 1) {
      const chunk = Buffer.from(random.subarray(0, Math.min(left, chunkSize)));
      chunk[0] = i % 251;
      hash.update(chunk);
      given += chunk.length;
      yield chunk;
    }
  }
  const source = Readable.from(chunks(), { objectMode: false });
  return { source, given: () => given, digest: () => hash.copy().digest("hex") };
}

/** A stream that gives at least `size` bytes and then fails with "the source failed". */
export function failingAfter(size: number): Readable {
  function* chunks() {
    for (let sent = 0; sent < size; sent += chunkSize) yield Buffer.alloc(chunkSize, 1);
    throw new Error("the source failed");
  }
  return Readable.from(chunks(), { objectMode: false });
}
