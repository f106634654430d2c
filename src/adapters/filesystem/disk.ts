import { mkdir, open, readdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { BlobMissing } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";

/** Whether `error` is the operating system's, with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** What the operating system refuses rejects with `Unavailable`; any other error stays itself. */
export async function orUnavailable<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof Error && "errno" in error ? new Unavailable("blobs", error) : error;
  }
}

/** What isn't there rejects with `BlobMissing`; any other error stays itself. */
export async function orMissing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw hasCode(error, "ENOENT") ? new BlobMissing() : error;
  }
}

/** Makes the folder if missing, and removes what is in it. */
export async function clearFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** Makes the folder, and those above it, where missing, to outlive a crash. `path` is absolute. */
export async function makeFolder(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true });
  if (made === undefined) return;
  for (let folder = path; folder.length >= made.length; folder = dirname(folder)) await syncFolder(dirname(folder));
}

/** Makes the folder's entries outlive a crash: without it a renamed file may be back under its old name, or gone. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
