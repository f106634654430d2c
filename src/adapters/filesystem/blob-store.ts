import { randomUUID } from "node:crypto";
import { type FileHandle, open, opendir, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import { assertBlobKey, type BlobStore, type ByteRange, ifMissing, type StoredObject, WrongSize } from "../../ports/blob-store.ts";
import { clearFolder, hasCode, makeFolder, orMissing, orUnavailable, syncFolder } from "./disk.ts";
import { partedFiles } from "./parts.ts";

/**
 * Blobs as files below `folder`, which is made when missing and belongs to one process: what a killed one left half written is removed when the
 * next begins. Whatever the disk refuses (full, read-only, not mounted) is `Unavailable`.
 */
export function filesystemBlobs(folder: string): BlobStore {
  const objects = resolve(folder, "objects");
  const partial = resolve(folder, "partial");
  const uploads = resolve(folder, "uploads");
  const prepared = preparation(objects, partial);
  const pathOf = (key: string) => {
    assertBlobKey(key);
    return join(objects, key);
  };
  return {
    async write(key, source, size) {
      source.on("error", () => {}); // it may fail before it is read; reading it then throws
      const temporary = join(partial, randomUUID());
      try {
        const target = pathOf(key);
        await prepared();
        await fill(temporary, source, size);
        await orUnavailable(publish(temporary, target));
      } catch (error) {
        source.destroy();
        await rm(temporary, { force: true }).catch(() => {}); // the next start tries again
        throw error;
      }
    },
    async read(key, range) {
      return openFile(pathOf(key), range);
    },
    async link() {
      return null;
    },
    async remove(key) {
      const path = pathOf(key);
      await orUnavailable(removeFile(path));
    },
    async *list() {
      await prepared();
      yield* listFiles(objects);
    },
    parts: partedFiles(uploads, pathOf),
    async check() {
      await prepared();
      const probe = join(partial, randomUUID());
      try {
        await orUnavailable(writeFile(probe, "room?", { flag: "wx" })); // an empty file fits on a full disk
      } finally {
        await orUnavailable(rm(probe, { force: true }));
      }
    },
    // What is being prepared is finished first, so that the folder is left alone from now on.
    close: () => prepared().catch(() => undefined),
  };
}

/** Begins at once, is done once, and is tried again by the next caller after a failure. */
function preparation(objects: string, partial: string): () => Promise<void> {
  const begin = () => orUnavailable(makeFolder(objects).then(() => clearFolder(partial)));
  let done: Promise<void> | undefined;
  const prepared = () => {
    done ??= begin().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
  prepared().catch(() => {}); // whoever needs the folder is told
  return prepared;
}

async function fill(path: string, source: Readable, size: number | undefined): Promise<void> {
  const file = await orUnavailable(open(path, "wx"));
  try {
    const written = await copy(source, file, size);
    if (size !== undefined && written !== size) throw new WrongSize(`${written} bytes instead of ${size}`);
    await orUnavailable(file.sync());
  } finally {
    await file.close();
  }
}

/** The source's own errors pass as they are; only the disk's become `Unavailable`. */
async function copy(source: Readable, file: FileHandle, size = Number.POSITIVE_INFINITY): Promise<number> {
  let written = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    written += chunk.length;
    if (written > size) throw new WrongSize(`more than ${size} bytes`);
    await orUnavailable(file.appendFile(chunk));
  }
  return written;
}

async function publish(temporary: string, target: string): Promise<void> {
  await makeFolder(dirname(target));
  await rename(temporary, target);
  await syncFolder(dirname(target));
}

async function openFile(path: string, range: ByteRange | undefined): Promise<Readable> {
  const file = await orUnavailable(orMissing(open(path, "r")));
  try {
    const { size } = await orUnavailable(file.stat());
    if (range && !(range.start >= 0 && range.start <= range.end && range.start < size)) {
      throw new RangeError(`bytes ${range.start} to ${range.end} of ${size}`);
    }
    return file.createReadStream(range);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* listFiles(objects: string): AsyncGenerator<StoredObject> {
  const folder = await orUnavailable(opendir(objects, { recursive: true }));
  for await (const entry of folder) {
    const path = join(entry.parentPath, entry.name);
    // It may just have been removed.
    const found = entry.isFile() && (await orMissing(stat(path)).catch(ifMissing(null)));
    if (found) yield { key: relative(objects, path), at: found.mtimeMs };
  }
}

async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  await syncFolder(dirname(path));
}
