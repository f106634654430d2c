import { LRUCache } from "lru-cache";

/** Bytes of a small content at most: it is read whole before it is sent, as streaming it would cost more than it saves, and it is kept for a while. */
export const maxEntryBytes = 65_536;

/** Bytes that a kept content takes besides its own, roughly. */
const entryOverheadBytes = 500;

/** Small contents that were read lately, by their digests, against which they were checked. They are shared: whoever gets one must not change it. */
export type ContentCache = Pick<LRUCache<string, Buffer>, "get" | "set">;

/** Keeps small contents in so many bytes of memory, none with 0; those that were asked for longest ago go first. */
export function createContentCache(bytes: number): ContentCache {
  const maxSize = Math.max(bytes, 1); // 0 is refused
  return new LRUCache({
    maxSize,
    maxEntrySize: Math.min(maxEntryBytes + entryOverheadBytes, maxSize), // one beyond `maxSize` would be let in, and counted wrongly
    sizeCalculation: ({ length }) => length + entryOverheadBytes,
  });
}
