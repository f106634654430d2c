import { finished } from "node:stream/promises";
import * as v from "valibot";
import { maxEntryBytes } from "../../lib/content-cache.ts";
import { ifMissing } from "../../ports/blob-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { type Content, createDigester } from "../core/digest.ts";

const markBlobDamaged = statement({
  name: "mark-blob-damaged",
  params: { key: v.string(), now: v.number() },
  row: {},
});
const findStored = statement({
  name: "find-stored-blobs",
  params: { ids: v.array(v.string()) },
  row: { digest: v.string(), key: v.string(), isDamaged: v.boolean() },
});
const replaceObject = statement({
  name: "replace-blob-object",
  params: { id: v.string(), from: v.string(), to: v.string(), by: v.string() },
  row: { id: v.string() },
});

type BlobPorts = Pick<Ports, "blobs" | "graph" | "newId">;

/** Marks the content under a key as known to be missing or damaged: no new version may refer to it until its bytes are stored again. */
export async function markDamaged({ graph, now }: Pick<Ports, "graph" | "now">, key: string): Promise<void> {
  await graph.write((tx) => tx.run(markBlobDamaged, { key, now: now() }));
}

/** Whether an object holds exactly the bytes of a content: all of them are read. */
async function hasSameBytes({ blobs }: Pick<Ports, "blobs">, key: string, { digest }: Content): Promise<boolean> {
  const chunks: AsyncIterable<Buffer> | null = await blobs.read(key).catch(ifMissing(null));
  if (!chunks) return false;
  const digester = createDigester();
  for await (const chunk of chunks) digester.add(chunk);
  return digester.end().digest === digest;
}

/** Whether an object has as many bytes as a content, judged by its last byte and the one after that. */
async function hasSameSize({ blobs }: Pick<Ports, "blobs">, key: string, { size }: Content): Promise<boolean> {
  try {
    const source = await blobs.read(key, { start: size - 1, end: size }).catch(ifMissing(null));
    if (!source) return false;
    let count = 0;
    source.on("data", (chunk: Buffer) => {
      count += chunk.length;
    });
    await finished(source);
    return count === 1;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** Large objects are read only when they are known to be damaged: storing bytes again must not cost much more than storing them. */
function isIntact(ports: Pick<Ports, "blobs">, key: string, content: Content, isDamaged: boolean): Promise<boolean> {
  const isThorough = isDamaged || content.size <= maxEntryBytes;
  return isThorough ? hasSameBytes(ports, key, content) : hasSameSize(ports, key, content);
}

/**
 * Of contents that were written again although a project has them, those whose stored bytes are missing or damaged take the new bytes, so that all
 * versions that refer to them work again. Resolves with the keys that are used from now on.
 */
export async function replaceLost(ports: BlobPorts, project: string, contents: Content[]): Promise<Set<string>> {
  const replaced = new Set<string>();
  if (!contents.length) return replaced;
  const toId = ({ digest }: Content) => `${project}/${digest}`;
  const rows = await ports.graph.read(findStored, { ids: [...new Set(contents.map(toId))] });
  const stored = new Map(rows.map((row) => [row.digest, row]));
  for (const content of contents) {
    const { key: from, isDamaged } = stored.get(content.digest) ?? {};
    if (from === undefined) continue;
    const intact = await isIntact(ports, from, content, isDamaged ?? false);
    if (intact && !isDamaged) continue;
    const to = intact ? from : content.key;
    const changed = await ports.graph.write((tx) =>
      tx.run(replaceObject, { id: toId(content), from, to, by: ports.newId() }),
    );
    if (intact || !changed.length) continue;
    replaced.add(to);
    await ports.blobs.remove(from);
  }
  return replaced;
}
