import { batchCalls } from "../../lib/batch-calls.ts";
import { createContentCache } from "../../lib/content-cache.ts";
import { createSemaphore } from "../../lib/semaphore.ts";
import type { ContentStore, Ports } from "../core/context.ts";
import { markDamaged } from "./lost-contents.ts";
import { recordInProjects } from "./record-contents.ts";

/** Maximum number of contents that are written to the blob store at the same time; more wait. */
const maxConcurrentWrites = 64;

/**
 * Creates the run-time state of stored bytes, one per process. Contents that arrive at the same time are recorded in one transaction, because
 * one each would cost more than writing the bytes.
 */
export function createContentStore(
  ports: Ports,
  { cacheBytes, reportCorruption }: { cacheBytes: number; reportCorruption: (error: Error) => void },
): ContentStore {
  const contentStore: ContentStore = {
    writeSlots: createSemaphore(maxConcurrentWrites),
    cache: createContentCache(cacheBytes),
    countedProjects: new Set(),
    record: batchCalls((items: Parameters<ContentStore["record"]>[0][]) => {
      const missing = items.filter(({ projectExists }) => !projectExists).map(({ project }) => project);
      return recordInProjects({ ports, services: { contentStore } }, items, missing);
    }),
    async reportCorruption(error, key) {
      reportCorruption(error);
      await markDamaged(ports, key).catch(() => undefined); // it is reported again by the next read
    },
  };
  return contentStore;
}
