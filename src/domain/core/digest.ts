import { createHash } from "node:crypto";
import * as v from "valibot";

/** The digest of bytes (`sha256:<hex>`) and how many they are. */
export interface DigestAndSize {
  digest: string;
  size: number;
}

/** Bytes in the blob store and the key they are stored under. */
export interface Content extends DigestAndSize {
  key: string;
}

/** A file of a version; `key` is that of its object in the blob store. */
export const storedFile = v.object({ path: v.string(), digest: v.string(), size: v.number(), key: v.string() });
export type StoredFile = v.InferOutput<typeof storedFile>;

/** Computes the digest and size of bytes that arrive in chunks. */
export function createDigester() {
  const hash = createHash("sha256");
  let size = 0;
  return {
    /** Adds a chunk; returns the number of bytes so far. */
    add(chunk: Uint8Array): number {
      hash.update(chunk);
      size += chunk.length;
      return size;
    },
    /** The digest and size of all chunks; none can be added afterwards. */
    end: (): DigestAndSize => ({ digest: `sha256:${hash.digest("hex")}`, size }),
  };
}

/** A digest in progress. */
export type Digester = ReturnType<typeof createDigester>;
