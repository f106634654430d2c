import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BlobMissing } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";

/** Whether `error` comes from the operating system with this code, such as `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** Errors of the operating system become `Unavailable`; others are thrown as they are. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Error && "errno" in error ? new Unavailable("blobs", error) : error;
  }
}

/** A missing file or folder becomes `BlobMissing`; other errors are thrown as they are. */
export async function orMissing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw hasCode(error, "ENOENT") ? new BlobMissing() : error;
  }
}

/** Creates the folder if it is missing, and removes everything in it. */
export async function clearFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Creates the folder and its parents where they are missing, so that they outlive a crash. `path` is absolute. */
export async function makeFolder(path: string): Promise<void> {
  const topmost = await mkdir(path, { recursive: true });
  if (topmost === undefined) return;
  for (let folder = path; folder.length >= topmost.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}

/** Makes the folder's entries outlive a crash; without it a renamed file may have its old name again, or be lost. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
