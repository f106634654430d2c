import { Readable } from "node:stream";
import type { FileInput } from "../../model/version.input.ts";
import { removeContents } from "../blobs/keep-contents.ts";
import { writeContent } from "../blobs/write-content.ts";
import type { ServiceContext } from "../core/context.ts";
import type { Content } from "../core/digest.ts";

/** Files up to so many bytes are held in memory, so that several are written to the store at once. */
const smallFile = 256 * 1_024;

const smallAtOnce = 8;

/** The whole of what is small; else what came so far, with the rest still to come. */
async function readSmall(source: Readable): Promise<Buffer | Readable> {
  const chunks: Buffer[] = [];
  let size = 0;
  const iterator = (source as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  for (let next = await iterator.next(); !next.done; next = await iterator.next()) {
    chunks.push(next.value);
    size += next.value.length;
    if (size <= smallFile) continue;
    const rest = { [Symbol.asyncIterator]: () => iterator };
    async function* all() {
      yield* chunks;
      yield* rest;
    }
    return Readable.from(all(), { objectMode: false });
  }
  return Buffer.concat(chunks);
}

/** Writes the files of a form to the store as they come: large ones one by one, small ones several at once. */
export function createFileWriter(context: ServiceContext<"contentStore">, newKey: () => string) {
  const written: Content[] = [];
  const files: { path: string; content: Promise<Content> }[] = [];
  const running = new Set<Promise<unknown>>();
  const write = async (source: Readable, size?: number): Promise<Content> => {
    const content = await writeContent(context, newKey(), source, size);
    written.push(content);
    return content;
  };
  return {
    async add(path: string, source: Readable): Promise<void> {
      const bytes = await readSmall(source);
      const isSmall = Buffer.isBuffer(bytes);
      const content = isSmall ? write(Readable.from([bytes], { objectMode: false }), bytes.length) : write(bytes);
      files.push({ path, content });
      const done = content.catch(() => undefined).finally(() => running.delete(done));
      running.add(done);
      if (!isSmall) await content;
      else if (running.size >= smallAtOnce) await Promise.race(running);
    },
    /** What was written, once all is. */
    finish: (): Promise<ReceivedFile[]> =>
      Promise.all(
        files.map(async ({ path, content: writing }) => {
          const content = await writing;
          return { path, digest: content.digest, size: content.size, content };
        }),
      ),
    async drop(): Promise<void> {
      await Promise.all(running);
      await removeContents(context.ports, written);
    },
  };
}

export type ReceivedFile = FileInput & { content: Content };
