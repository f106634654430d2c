import { randomUUID } from "node:crypto";
import { type FileHandle, open, opendir, rename, rm, stat, unlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { Readable } from "node:stream";
import {
  assertBlobKey,
  type BlobStore,
  type ByteRange,
  ifMissing,
  type StoredObject,
  WrongSize,
} from "../../ports/blob-store.ts";
import { clearFolder, hasCode, makeFolder, orMissing, orUnavailable, syncFolder } from "./disk.ts";
import { multipartFiles } from "./parts.ts";

/**
 * Blobs as files below `folder`, which is created if it is missing and belongs to one process: what a killed process left half written is removed
 * at the next start. Errors of the disk (full, read-only, not mounted) are `Unavailable`.
 */
export function filesystemBlobs(folder: string): BlobStore {
  const objects = resolve(folder, "objects");
  const partial = resolve(folder, "partial");
  const uploads = resolve(folder, "uploads");
  const prepared = startPreparation(objects, partial);
  const toPath = (key: string) => {
    assertBlobKey(key);
    return join(objects, key);
  };
  return {
    async write(key, source, size) {
      source.on("error", () => {}); // it may fail before it is read; reading it then throws
      const temporary = join(partial, randomUUID());
      try {
        const target = toPath(key);
        await prepared();
        await fillFile(temporary, source, size);
        await orUnavailable(publish(temporary, target));
      } catch (error) {
        source.destroy();
        await rm(temporary, { force: true }).catch(() => {}); // the next start removes it
        throw error;
      }
    },
    async read(key, range) {
      return openFile(toPath(key), range);
    },
    async link() {
      return null;
    },
    async remove(key) {
      const path = toPath(key);
      await orUnavailable(removeFile(path));
    },
    async *list() {
      await prepared();
      yield* listFiles(objects);
    },
    parts: multipartFiles(uploads, toPath),
    async check() {
      await prepared();
      const probe = join(partial, randomUUID());
      try {
        await orUnavailable(writeFile(probe, "probe", { flag: "wx" })); // not empty: an empty file fits on a full disk
      } finally {
        await orUnavailable(rm(probe, { force: true }));
      }
    },
    // A preparation in progress is awaited, so that the folder isn't touched afterwards.
    close: () => prepared().catch(() => undefined),
  };
}

/** Prepares the folders, starting now. The returned function awaits that; after a failure it tries again. */
function startPreparation(objects: string, partial: string): () => Promise<void> {
  const prepare = () => orUnavailable(makeFolder(objects).then(() => clearFolder(partial)));
  let done: Promise<void> | undefined;
  const prepared = () => {
    done ??= prepare().catch((error: unknown) => {
      done = undefined;
      throw error;
    });
    return done;
  };
  prepared().catch(() => {}); // later calls get the error
  return prepared;
}

async function fillFile(path: string, source: Readable, size: number | undefined): Promise<void> {
  const file = await orUnavailable(open(path, "wx"));
  try {
    const written = await copy(source, file, size);
    if (size !== undefined && written !== size) throw new WrongSize(`${written} bytes instead of ${size}`);
    await orUnavailable(file.sync());
  } finally {
    await file.close();
  }
}

/** Errors of the source are thrown as they are; only those of the disk become `Unavailable`. */
async function copy(
  source: AsyncIterable<Buffer>,
  file: FileHandle,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<number> {
  let written = 0;
  for await (const chunk of source) {
    written += chunk.length;
    if (written > maxBytes) throw new WrongSize(`more than ${maxBytes} bytes`);
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
    // It may have been removed meanwhile.
    const stats = entry.isFile() && (await orMissing(stat(path)).catch(ifMissing(null)));
    if (stats) yield { key: relative(objects, path), at: stats.mtimeMs };
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
