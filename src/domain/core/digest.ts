import { createHash } from "node:crypto";

/** What bytes are (`sha256:<hex>`), and how many. */
export interface Measured {
  digest: string;
  size: number;
}

/** Bytes in the store, under a key of their own. */
export interface Content extends Measured {
  key: string;
}

/** A file of a version as the graph knows it: `key` is where the blob store keeps its bytes. */
export interface StoredFile extends Content {
  path: string;
}

/** Measures bytes that come piece by piece. */
export function startMeasuring() {
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
    end: (): Measured => ({ digest: `sha256:${hash.digest("hex")}`, size }),
  };
}

/** Bytes that are being measured. */
export type Measuring = ReturnType<typeof startMeasuring>;
