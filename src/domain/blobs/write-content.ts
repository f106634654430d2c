import { Readable } from "node:stream";
import type { Ports, ServiceContext } from "../core/context.ts";
import { type Content, createDigester, type Digester } from "../core/digest.ts";
import { validateFileSize } from "./quotas.ts";

/** Passes bytes on and feeds them to the digester. Throws `TOO_LARGE` as soon as they exceed the limit. */
async function* digestWhileReading(
  ports: Pick<Ports, "settings">,
  source: Readable,
  digester: Digester,
): AsyncGenerator<Buffer> {
  const chunks: AsyncIterable<Buffer> = source;
  for await (const chunk of chunks) {
    validateFileSize(ports, digester.add(chunk));
    yield chunk;
  }
}

/**
 * Streams bytes to the blob store under `key` and computes their digest on the way; waits for a free write slot first. `size` is the expected
 * number of bytes, if known. Throws `TOO_LARGE` when the bytes exceed the limit, and otherwise what `BlobStore.write` does.
 */
export function writeContent(
  context: ServiceContext<"contentStore">,
  key: string,
  source: Readable,
  size?: number,
): Promise<Content> {
  return context.services.contentStore.writeSlots(async () => {
    const digester = createDigester();
    try {
      const bytes = Readable.from(digestWhileReading(context.ports, source, digester), { objectMode: false });
      await context.ports.blobs.write(key, bytes, size);
      return { key, ...digester.end() };
    } finally {
      source.destroy(); // a store that fails before it reads a byte leaves the source open
    }
  });
}
