import { Readable } from "node:stream";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { type Content, createDigester, type Digester } from "../core/digest.ts";
import { chargeBytes, validateFileSize } from "./quotas.ts";

const recordBlobs = statement<{ contents: Value; now: number }, { key: string; created: boolean }>("record-blobs");

/** Passes bytes on while measuring them, up to what is allowed. */
async function* measured(
  ports: Pick<Ports, "settings">,
  source: Readable,
  measuring: Digester,
): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    validateFileSize(ports, measuring.add(chunk));
    yield chunk;
  }
}

/**
 * Writes bytes to the store under `key` when their turn comes, hashing them on the way. `size` where their sender says it. `TOO_LARGE` when they
 * are more than allowed; else it rejects as `BlobStore.write` does.
 */
export function writeContent(
  context: ServiceContext<"contentStore">,
  key: string,
  source: Readable,
  size?: number,
): Promise<Content> {
  return context.services.contentStore.writeSlots(async () => {
    const measuring = createDigester();
    try {
      await context.ports.blobs.write(
        key,
        Readable.from(measured(context.ports, source, measuring), { objectMode: false }),
        size,
      );
      return { key, ...measuring.end() };
    } finally {
      source.destroy(); // a store that fails before its first byte leaves it open
    }
  });
}

/**
 * Records what of a project is in the store, one blob for each content, within the project's quota (`TOO_LARGE`). Gives the keys that are in use
 * from now on; the others' contents the project has already.
 */
export async function recordContents(
  context: ServiceContext<"contentStore">,
  run: Transaction["run"],
  project: string,
  contents: Content[],
): Promise<Set<string>> {
  const distinct = new Map([...contents].reverse().map((content) => [content.digest, content]));
  const rows = [...distinct.values()]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map((content) => ({ ...content, project, id: `${project}/${content.digest}` }));
  if (!rows.length) return new Set();
  const recorded = await run(recordBlobs, { contents: rows, now: context.ports.now() });
  const used = new Set(recorded.filter(({ created }) => created).map(({ key }) => key));
  const gained = rows.reduce((sum, { key, size }) => sum + (used.has(key) ? size : 0), 0);
  if (used.size) await chargeBytes(context, run, project, gained);
  return used;
}
