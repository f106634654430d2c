import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { BlobMissing } from "../../src/ports/blob-store.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";

const mebibyte = 1024 * 1024;
const writer = ["--import", "tsx", fileURLToPath(new URL("../support/write-blob.ts", import.meta.url))];

describe("the filesystem blob store", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pedigree-blobs-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it("a filesystem write that a kill cut off never appears, and the next start removes its remains", async () => {
    const partial = join(folder, "partial");
    const child = spawn(process.execPath, [...writer, folder, "a/b", String(1024 ** 4)]);
    try {
      await vi.waitFor(async () => expect(await bytesIn(partial)).toBeGreaterThan(mebibyte), {
        timeout: 20_000,
        interval: 20,
      });
    } finally {
      child.kill("SIGKILL");
      await once(child, "close");
    }
    expect(await bytesIn(partial)).toBeGreaterThan(mebibyte);
    const store = filesystemBlobs(folder);
    await store.check();
    expect(await readdir(partial)).toEqual([]);
    await expect(store.read("a/b")).rejects.toThrow(BlobMissing);
  });

  it("a filesystem write is UNAVAILABLE when the disk is full, and leaves nothing", async () => {
    // A limit of 512 KiB per file: like a full disk, with another error number.
    const limited = [
      "-c",
      'ulimit -f 512; exec "$@"',
      "sh",
      process.execPath,
      ...writer,
      folder,
      "a/b",
      String(mebibyte),
    ];
    const { stdout } = await promisify(execFile)("bash", limited);
    expect(stdout).toBe("Unavailable");
    expect(await readdir(join(folder, "partial"))).toEqual([]);
    expect(await readdir(join(folder, "objects"))).toEqual([]);
  });

  it("the filesystem store is UNAVAILABLE while its folder can't be created, and recovers", async () => {
    const inTheWay = join(folder, "data");
    await writeFile(inTheWay, "");
    const store = filesystemBlobs(inTheWay);
    const bytes = () => Readable.from([Buffer.from("x")]);
    await expect(store.check()).rejects.toThrow(Unavailable);
    await expect(store.write("a", bytes())).rejects.toThrow(Unavailable);
    await expect(store.read("a")).rejects.toThrow(Unavailable);
    await rm(inTheWay);
    await store.check();
    await store.write("a", bytes());
  });
});

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder);
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
