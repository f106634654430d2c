import { LRUCache } from "lru-cache";

/** Maximum bytes of a content that is cached. Such a small content is read whole before it is sent, because streaming it would cost more. */
export const maxEntryBytes = 65_536;

/** Bytes that a cached content takes besides its own, roughly. */
const entryOverheadBytes = 500;

/** Small contents that were read lately and verified, by digest. The buffers are shared: callers must not change them. */
export type ContentCache = Pick<LRUCache<string, Buffer>, "get" | "set">;

/** Creates a cache of so many bytes, 0 for one that keeps nothing. The least recently used contents are dropped first. */
export function createContentCache(bytes: number): ContentCache {
  const maxSize = Math.max(bytes, 1); // the library rejects 0
  return new LRUCache({
    maxSize,
    maxEntrySize: Math.min(maxEntryBytes + entryOverheadBytes, maxSize), // the library would accept larger entries, and count them wrongly
    sizeCalculation: ({ length }) => length + entryOverheadBytes,
  });
}
