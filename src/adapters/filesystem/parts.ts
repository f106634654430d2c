import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import * as v from "valibot";
import {
  type MultipartWrite,
  type MultipartWrites,
  type StoredPart,
  Superseded,
  WrongSize,
} from "../../ports/blob-store.ts";
import { hasCode, makeFolder, orMissing, orUnavailable, syncFolder } from "./disk.ts";

/** What a marker file holds as JSON: the facts about its part. */
const partFacts = v.object({ size: v.number(), etag: v.string() });

/** The current writer of each part, by its marker; an older one is cut off so that the two don't mix. */
type Writers = Map<string, { source: Readable; done: Promise<unknown> }>;

/**
 * Each multipart write is a folder below `uploads`. Its file `data` receives every part at its final offset, so that nothing is copied at the end,
 * and each complete part has a small marker file named by its number.
 */
export function multipartFiles(uploads: string, toPath: (key: string) => string): MultipartWrites {
  const writers: Writers = new Map();
  const toFolder = ({ writeId }: MultipartWrite) => join(uploads, writeId);
  return {
    async begin(key) {
      toPath(key); // throws when it is no key
      const writeId = randomUUID();
      const folder = join(uploads, writeId);
      await orUnavailable(makeFolder(folder).then(() => writeFile(join(folder, "data"), "", { flag: "a" })));
      return writeId;
    },
    link: async () => null,
    write: (write, number, source, size) =>
      replaceWriter(writers, join(toFolder(write), String(number)), source, (marker) =>
        writePart(marker, join(toFolder(write), "data"), (number - 1) * write.partSize, source, size),
      ),
    list: (write) => orUnavailable(listParts(toFolder(write))),
    complete: (write) => orUnavailable(publish(toFolder(write), toPath(write.key))),
    abort: (write) => orUnavailable(rm(toFolder(write), { recursive: true, force: true })),
  };
}

/** Cuts off the previous writer of a part with `Superseded`, then runs `work` as its only writer. */
async function replaceWriter<T>(
  writers: Writers,
  marker: string,
  source: Readable,
  work: (marker: string) => Promise<T>,
): Promise<T> {
  source.on("error", () => {}); // it may fail before it is read; reading it then throws
  const previous = writers.get(marker);
  previous?.source.destroy(new Superseded());
  const done = (previous?.done ?? Promise.resolve()).catch(() => undefined).then(() => work(marker));
  const writer = { source, done };
  writers.set(marker, writer);
  try {
    return await done;
  } catch (error) {
    source.destroy();
    throw error;
  } finally {
    if (writers.get(marker) === writer) writers.delete(marker);
  }
}

/** The marker is removed first and written last, so that a part with a marker is complete. */
async function writePart(
  marker: string,
  data: string,
  offset: number,
  source: AsyncIterable<Buffer>,
  size: number,
): Promise<string> {
  await orUnavailable(rm(marker, { force: true }));
  const file = await orUnavailable(orMissing(open(data, "r+")));
  const hash = createHash("sha256");
  try {
    let written = 0;
    for await (const chunk of source) {
      if (written + chunk.length > size) throw new WrongSize(`more than ${size} bytes`);
      hash.update(chunk);
      await orUnavailable(writeAll(file, chunk, offset + written));
      written += chunk.length;
    }
    if (written !== size) throw new WrongSize(`${written} bytes instead of ${size}`);
    await orUnavailable(file.sync());
  } finally {
    await file.close();
  }
  const etag = hash.digest("hex");
  await orUnavailable(writeMarker(marker, JSON.stringify({ size, etag })));
  return etag;
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

async function writeMarker(marker: string, text: string): Promise<void> {
  const temporary = `${marker}.partial`;
  await writeFile(temporary, text, { flush: true });
  await rename(temporary, marker);
  await syncFolder(dirname(marker));
}

async function listParts(folder: string): Promise<StoredPart[]> {
  const names = await orMissing(readdir(folder));
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const parts = numbers.map(async (number) => {
    const marker = await readFile(join(folder, String(number)), "utf8");
    return { number, ...v.parse(partFacts, JSON.parse(marker)) };
  });
  return (await Promise.all(parts)).sort((a, b) => a.number - b.number);
}

async function publish(folder: string, target: string): Promise<void> {
  await makeFolder(dirname(target));
  try {
    await rename(join(folder, "data"), target);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    await orMissing(stat(target)); // it was completed before
  }
  await syncFolder(dirname(target));
  await rm(folder, { recursive: true, force: true });
}
