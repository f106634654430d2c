import { pipeline, type Readable, Transform } from "node:stream";
import type { Deps } from "../deps.ts";
import { startMeasuring } from "./digest.ts";

/** What a stored content must be. */
export interface Expected {
  digest: string;
  size: number;
  key: string;
}

/** Bytes in the store are not those that were stored. */
export class Damaged extends Error {
  constructor({ digest, key }: Expected, actual: string) {
    super(`the object ${key} has ${actual}, not ${digest}`);
  }
}

/** Passes bytes on, but the last of them only when all are as expected. */
const verifier = (expected: Expected): Transform => {
  const measuring = startMeasuring();
  let held: Buffer | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (measuring.add(chunk) > expected.size) return done(new Damaged(expected, `more than ${expected.size} bytes`));
      const before = held;
      held = chunk;
      done(null, before);
    },
    flush(done) {
      const { digest, size } = measuring.end();
      if (digest === expected.digest) done(null, held);
      else done(new Damaged(expected, `${digest} in ${size} bytes`));
    },
  });
};

/**
 * A whole content, checked as it streams: bytes that aren't those that were stored end it with `Damaged` before the last of them, which
 * is told to `deps.damaged`. Whoever destroys it lets go of the store's connection too.
 */
export const readVerified = async (deps: Pick<Deps, "blobs" | "damaged">, expected: Expected): Promise<Readable> => {
  const source = await deps.blobs.read(expected.key);
  return pipeline(source, verifier(expected), (error) => {
    if (error instanceof Damaged) deps.damaged(error);
  });
};
