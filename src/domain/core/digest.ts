import { createHash } from "node:crypto";
import * as v from "valibot";

/** What bytes are (`sha256:<hex>`), and how many. */
export interface DigestAndSize {
  digest: string;
  size: number;
}

/** Bytes in the store, under a key of their own. */
export interface Content extends DigestAndSize {
  key: string;
}

/** A file of a version as the graph stores it; `key` is that of its object in the blob store. */
export const storedFile = v.object({ path: v.string(), digest: v.string(), size: v.number(), key: v.string() });
export type StoredFile = v.InferOutput<typeof storedFile>;

/** Measures bytes that come piece by piece. */
export function createDigester() {
  const hash = createHash("sha256");
  let size = 0;
  return {
    /** Takes a piece; says how many bytes there were by now. */
    add(piece: Uint8Array): number {
      hash.update(piece);
      size += piece.length;
      return size;
    },
    /** What all of them are; nothing can be added then. */
    end: (): DigestAndSize => ({ digest: `sha256:${hash.digest("hex")}`, size }),
  };
}

/** Bytes that are being measured. */
export type Digester = ReturnType<typeof createDigester>;
