import { Readable } from "node:stream";
import type { Ports, ServiceContext } from "../core/context.ts";
import { type Content, createDigester, type Digester } from "../core/digest.ts";
import { validateFileSize } from "./quotas.ts";

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
