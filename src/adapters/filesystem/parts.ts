import { createHash, randomUUID } from "node:crypto";
import { type FileHandle, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Readable } from "node:stream";
import { type MultipartWrite, type MultipartWrites, type StoredPart, Superseded, WrongSize } from "../../ports/blob-store.ts";
import { hasCode, makeFolder, orMissing, orUnavailable, syncFolder } from "./disk.ts";

/** The newest writer of each part; an older one is cut off, or the two would mix. */
type Writers = Map<string, { source: Readable; done: Promise<unknown> }>;

/**
 * Each writing is a folder below `uploads` with one file, `data`, into which parts are written where they belong, so that nothing is copied
 * at the end, and a small file for each part that is there whole.
 */
export function partedFiles(uploads: string, pathOf: (key: string) => string): MultipartWrites {
  const writers: Writers = new Map();
  const folderOf = ({ writeId }: MultipartWrite) => join(uploads, writeId);
  return {
    async begin(key) {
      pathOf(key);
      const writeId = randomUUID();
      const folder = join(uploads, writeId);
      await orUnavailable(makeFolder(folder).then(() => writeFile(join(folder, "data"), "", { flag: "a" })));
      return writeId;
    },
    link: async () => null,
    write: (write, number, source, size) =>
      alone(writers, join(folderOf(write), String(number)), source, (mark) =>
        writePart(mark, join(folderOf(write), "data"), (number - 1) * write.partSize, source, size),
      ),
    list: (write) => orUnavailable(listParts(folderOf(write))),
    complete: (write) => orUnavailable(publish(folderOf(write), pathOf(write.key))),
    abort: (write) => orUnavailable(rm(folderOf(write), { recursive: true, force: true })),
  };
}

async function alone<T>(
  writers: Writers,
  mark: string,
  source: Readable,
  work: (mark: string) => Promise<T>,
): Promise<T> {
  source.on("error", () => {}); // it may fail before it is read; reading it then throws
  const before = writers.get(mark);
  before?.source.destroy(new Superseded());
  const done = (before?.done ?? Promise.resolve()).catch(() => undefined).then(() => work(mark));
  const mine = { source, done };
  writers.set(mark, mine);
  try {
    return await done;
  } catch (error) {
    source.destroy();
    throw error;
  } finally {
    if (writers.get(mark) === mine) writers.delete(mark);
  }
}

/** The mark is taken away first and comes back last: a part is there whole, or not at all. */
async function writePart(mark: string, data: string, offset: number, source: Readable, size: number): Promise<string> {
  await orUnavailable(rm(mark, { force: true }));
  const file = await orUnavailable(orMissing(open(data, "r+")));
  const hash = createHash("sha256");
  try {
    let written = 0;
    for await (const chunk of source as AsyncIterable<Buffer>) {
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
  await orUnavailable(putMark(mark, JSON.stringify({ size, etag })));
  return etag;
}

async function writeAll(file: FileHandle, chunk: Buffer, position: number): Promise<void> {
  for (let done = 0; done < chunk.length; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.length - done, position + done);
    done += bytesWritten;
  }
}

async function putMark(mark: string, text: string): Promise<void> {
  const temporary = `${mark}.partial`;
  await writeFile(temporary, text, { flush: true });
  await rename(temporary, mark);
  await syncFolder(dirname(mark));
}

async function listParts(folder: string): Promise<StoredPart[]> {
  const names = await orMissing(readdir(folder));
  const numbers = names.filter((name) => /^\d+$/.test(name)).map(Number);
  const parts = numbers.map(async (number) => ({
    number,
    ...(JSON.parse(await readFile(join(folder, String(number)), "utf8")) as Omit<StoredPart, "number">),
  }));
  return (await Promise.all(parts)).sort((a, b) => a.number - b.number);
}

async function publish(folder: string, target: string): Promise<void> {
  await makeFolder(dirname(target));
  try {
    await rename(join(folder, "data"), target);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    await orMissing(stat(target));
  }
  await syncFolder(dirname(target));
  await rm(folder, { recursive: true, force: true });
}
