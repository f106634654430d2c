import { Readable } from "node:stream";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import { type Content, createDigester, type Digester } from "../core/digest.ts";
import { defaultPrefix, fillPrefix } from "../projects/projects.ts";
import { chargeBytes, validateFileSize } from "./quotas.ts";

const recordBlobs = statement<{ contents: Value; now: number }, { key: string; created: boolean }>("record-blobs");

/** Where the contents of a project go. */
interface Place {
  /** Whether the project is there at all, which it then stays. */
  isThere: boolean;
  prefix: string;
  /** A key below the prefix, for a new content. */
  newKey: () => string;
}

/** Where the contents of a project go: below its own prefix, or the usual one. */
export async function findPlace(deps: Deps, project: string): Promise<Place> {
  const known = await deps.lookups.projects(project);
  const prefix = fillPrefix(known?.settings.storagePrefix ?? defaultPrefix, project);
  return { isThere: Boolean(known), prefix, newKey: () => `${prefix}${deps.newId()}` };
}

/** Passes bytes on while measuring them, up to what is allowed. */
async function* measured(deps: Deps, source: Readable, measuring: Digester): AsyncGenerator<Buffer> {
  for await (const chunk of source as AsyncIterable<Buffer>) {
    validateFileSize(deps, measuring.add(chunk));
    yield chunk;
  }
}

/**
 * Writes bytes to the store under `key` when their turn comes, hashing them on the way. `size` where their sender says it. `TOO_LARGE` when they
 * are more than allowed; else it rejects as `BlobStore.write` does.
 */
export function writeContent(deps: Deps, key: string, source: Readable, size?: number): Promise<Content> {
  return deps.writing(async () => {
    const measuring = createDigester();
    try {
      await deps.blobs.write(key, Readable.from(measured(deps, source, measuring), { objectMode: false }), size);
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
  deps: Pick<Deps, "now" | "newId" | "counted" | "settings">,
  run: Transaction["run"],
  project: string,
  contents: Content[],
): Promise<Set<string>> {
  const distinct = new Map([...contents].reverse().map((content) => [content.digest, content]));
  const rows = [...distinct.values()]
    .sort((a, b) => (a.digest < b.digest ? -1 : 1))
    .map((content) => ({ ...content, project, id: `${project}/${content.digest}` }));
  if (!rows.length) return new Set();
  const recorded = await run(recordBlobs, { contents: rows, now: deps.now() });
  const used = new Set(recorded.filter(({ created }) => created).map(({ key }) => key));
  const gained = rows.reduce((sum, { key, size }) => sum + (used.has(key) ? size : 0), 0);
  if (used.size) await chargeBytes(deps, run, project, gained);
  return used;
}
