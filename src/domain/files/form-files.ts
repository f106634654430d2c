import { Readable } from "node:stream";
import { removeContents } from "../blobs/keep-contents.ts";
import { writeContent } from "../blobs/write-content.ts";
import type { ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";

/** Files up to this size are read into memory, so that several can be written at the same time. */
const maxBufferedBytes = 256 * 1_024;
/** Maximum number of buffered files that are written at the same time. */
const maxConcurrentWrites = 8;

/** A file of a form whose bytes are in the blob store. */
export interface ReceivedFile {
  path: string;
  content: Content;
}

/** Reads a small file into memory; a larger one becomes a stream of the bytes read so far and the rest. */
async function bufferSmall(source: Readable): Promise<Buffer | Readable> {
  const buffered: Buffer[] = [];
  let size = 0;
  const chunks: AsyncIterable<Buffer> = source;
  const iterator = chunks[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    buffered.push(next.value);
    size += next.value.length;
    if (size <= maxBufferedBytes) continue;
    const rest = { [Symbol.asyncIterator]: () => iterator };
    async function* all() {
      yield* buffered;
      yield* rest;
    }
    return Readable.from(all(), { objectMode: false });
  }
  return Buffer.concat(buffered);
}

/** Writes the files of a form to the blob store while they arrive: large ones one by one, small ones several at a time. */
export function createFileWriter(context: ServiceContext<"contentStore">, newKey: () => string) {
  const written: Content[] = [];
  const files: { path: string; writing: Promise<Content> }[] = [];
  const running = new Set<Promise<unknown>>();
  const write = async (source: Readable, size?: number): Promise<Content> => {
    const content = await writeContent(context, newKey(), source, size);
    written.push(content);
    return content;
  };
  return {
    /** Resolves when the next file may be added. */
    async add(path: string, source: Readable): Promise<void> {
      const bytes = await bufferSmall(source);
      const isSmall = Buffer.isBuffer(bytes);
      const writing = isSmall ? write(Readable.from([bytes], { objectMode: false }), bytes.length) : write(bytes);
      files.push({ path, writing });
      const settled = writing.catch(() => undefined).finally(() => running.delete(settled));
      running.add(settled);
      if (!isSmall) await writing;
      else if (running.size >= maxConcurrentWrites) await Promise.race(running);
    },
    /** Resolves with all files once they are written; rejects if one of them failed. */
    finish: (): Promise<ReceivedFile[]> =>
      Promise.all(files.map(async ({ path, writing }) => ({ path, content: await writing }))),
    /** Removes everything that was written. */
    async discard(): Promise<void> {
      await Promise.all(running);
      await removeContents(context.ports, written);
    },
  };
}
