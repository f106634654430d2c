import { LRUCache } from "lru-cache";

/** Bytes of a content that is small: it is read whole before it is sent, as streaming it would cost more than it saves, and it is kept for a while. */
export const few = 65_536;

/** Bytes that a kept content takes besides its own, roughly. */
const overhead = 500;

/** Small contents that were read lately, by their keys: what is under a key never changes, and was checked when it was read. */
export type Recent = Pick<LRUCache<string, Buffer>, "get" | "set">;

/** Keeps small contents in so many bytes of memory; those that were asked for longest ago go first. */
export const keepRecent = (bytes: number): Recent =>
  new LRUCache({
    maxSize: Math.max(bytes, 1), // none would be no limit
    maxEntrySize: few + overhead,
    sizeCalculation: ({ length }) => length + overhead,
  });
