import { batchCalls } from "../../lib/batch-calls.ts";
import { createContentCache } from "../../lib/content-cache.ts";
import { groupBy } from "../../lib/group-by.ts";
import { createSemaphore } from "../../lib/semaphore.ts";
import type { ContentStore, Ports, ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";
import { ensureProjects } from "../recording/ensure-projects.ts";
import { recordContents } from "./contents.ts";

/** Contents that are written to the blob store at once; more wait for a slot. */
const maxConcurrentWrites = 64;

/** Records contents, each in its project, in one transaction, and creates the projects that are `missing`. Resolves with the keys that are referenced from now on. */
export function recordInProjects(
  context: ServiceContext<"contentStore">,
  written: { project: string; content: Content }[],
  missing: string[],
): Promise<Set<string>> {
  return context.ports.graph.write(async (tx) => {
    if (missing.length) ensureProjects(context.ports, tx, missing);
    const projects = [...groupBy(written, ({ project }) => project)].sort(([a], [b]) => (a < b ? -1 : 1));
    const used = new Set<string>();
    for (const [project, all] of projects) {
      const contents = all.map(({ content }) => content);
      for (const key of await recordContents(context, tx.run, project, contents)) used.add(key);
    }
    return used;
  });
}

/**
 * The run-time state of stored bytes, one per process. Contents that arrive at the same time are recorded in one transaction: one each would
 * cost more than the bytes.
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
      const missing = items.filter(({ isThere }) => !isThere).map(({ project }) => project);
      return recordInProjects({ ports, services: { contentStore } }, items, missing);
    }),
    reportCorruption,
  };
  return contentStore;
}
