import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import { BlobMissing, type BlobStore, WrongSize } from "../../src/ports/blob-store.ts";
import { failingAfter, streamOf } from "../support/bytes.ts";
import type { S3Address } from "../support/servers.ts";

const mebibyte = 1024 * 1024;

interface Opened {
  store: BlobStore;
  discard(): Promise<void>;
}

async function openFilesystem(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-blobs-"));
  return { store: filesystemBlobs(folder), discard: () => rm(folder, { recursive: true }) };
}

async function openS3(address: S3Address | null): Promise<Opened> {
  if (!address) throw new Error("no S3");
  return {
    store: s3Blobs({ ...address, bucket: `blobs-${randomUUID()}`, prefix: "some/where" }),
    discard: async () => {},
  };
}

const kinds = [
  { name: "filesystem", open: openFilesystem, there: true },
  { name: "s3", open: () => openS3(inject("s3")), there: inject("s3") !== null },
  { name: "SeaweedFS", open: () => openS3(inject("seaweed")), there: inject("seaweed") !== null },
];

for (const { name, open, there } of kinds) {
  describe.skipIf(!there)(`the blob store ${name}`, () => contract(open));
}

function contract(open: () => Promise<Opened>): void {
  let opened: Opened;
  let store: BlobStore;
  beforeAll(async () => {
    opened = await open();
    store = opened.store;
  });
  afterAll(async () => {
    await store.close();
    await opened.discard();
  });

  const sizes = [0, 1, 5 * mebibyte, 40 * mebibyte + 7];
  it.each(
    sizes.flatMap((size) => [
      { size, known: true },
      { size, known: false },
    ]),
  )("a blob of $size bytes is read back (size known: $known)", async ({ size, known }) => {
    const key = newKey();
    const { source, digest } = streamOf(size);
    await store.write(key, source, known ? size : undefined);
    const hash = createHash("sha256");
    for await (const chunk of await store.read(key)) hash.update(chunk);
    expect(hash.digest("hex")).toBe(digest());
  });

  it("a range is read with both ends included, cut at the end of the blob", async () => {
    const key = newKey();
    await store.write(key, Readable.from([Buffer.from("0123456789")]));
    const range = async (start: number, end: number) =>
      (await buffer(await store.read(key, { start, end }))).toString();
    expect(await range(0, 0)).toBe("0");
    expect(await range(3, 5)).toBe("345");
    expect(await range(8, 100)).toBe("89");
    await expect(store.read(key, { start: 10, end: 12 })).rejects.toThrow(RangeError);
    await expect(store.read(key, { start: 5, end: 4 })).rejects.toThrow(RangeError);
  });

  it("a missing blob is reported, and removing a blob twice succeeds", async () => {
    const key = newKey();
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
    await store.write(key, Readable.from([Buffer.from("x")]));
    await store.remove(key);
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
    await store.remove(key);
  });

  it.each([
    { at: 0, size: undefined },
    { at: 0, size: 40 * mebibyte },
    { at: mebibyte, size: undefined },
    { at: mebibyte, size: 40 * mebibyte },
    { at: 20 * mebibyte, size: undefined },
    { at: 20 * mebibyte, size: 40 * mebibyte },
  ])("a blob whose source fails after $at bytes never appears (size: $size)", async ({ at, size }) => {
    const key = newKey();
    await expect(store.write(key, failingAfter(at), size)).rejects.toThrow("the source failed");
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
  });

  it("a blob whose source failed or was closed before reading never appears", async () => {
    const key = newKey();
    const failed = new Readable({ read() {} });
    failed.destroy(new Error("the source failed"));
    await expect(store.write(key, failed, 3)).rejects.toThrow("the source failed");
    const closed = new Readable({ read() {} });
    closed.push("abc");
    closed.destroy();
    await expect(store.write(key, closed, 3)).rejects.toThrow();
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
  });

  it.each([
    { said: 4, chunks: ["hello"] },
    { said: 5, chunks: ["hello", "x"] },
    { said: 6, chunks: ["hello"] },
    { said: 0, chunks: ["x"] },
    { said: 1, chunks: [] },
  ])("the chunks $chunks are refused as $said bytes", async ({ said, chunks }) => {
    const key = newKey();
    const source = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
    await expect(store.write(key, source, said)).rejects.toThrow(WrongSize);
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
    expect(source.destroyed).toBe(true);
  });

  it("a blob with more bytes than declared never appears", async () => {
    const key = newKey();
    async function* late() {
      yield Buffer.from("hello");
      await delay(300); // long enough for a store that has all it was promised to show it
      yield Buffer.from("x");
    }
    await expect(store.write(key, Readable.from(late()), 5)).rejects.toThrow(WrongSize);
    await expect(store.read(key)).rejects.toThrow(BlobMissing);
  });

  it("many blobs are written at once", async () => {
    const written = await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const { source, digest } = streamOf(3 * mebibyte + i);
        const key = newKey();
        await store.write(key, source, i % 2 ? 3 * mebibyte + i : undefined);
        return { key, digest: digest() };
      }),
    );
    for (const { key, digest } of written) {
      expect(
        createHash("sha256")
          .update(await buffer(await store.read(key)))
          .digest("hex"),
      ).toBe(digest);
    }
  });

  it("a blob is replaced as a whole, once the new one is complete", async () => {
    const key = newKey();
    await store.write(key, Readable.from([Buffer.from("first and longer")]));
    await expect(store.write(key, failingAfter(100))).rejects.toThrow("the source failed");
    expect((await buffer(await store.read(key))).toString()).toBe("first and longer");
    await store.write(key, Readable.from([Buffer.from("second")]), 6);
    expect((await buffer(await store.read(key))).toString()).toBe("second");
  });

  it.each(["", "/", "a//b", "/etc/passwd", "../x", "a/../../x", "a/..", ".", "a\\b", "a b", "a\0b", "é", "a/"])(
    "the key %j is refused",
    async (key) => {
      const source = Readable.from([Buffer.from("x")]);
      await expect(store.write(key, source)).rejects.toThrow(TypeError);
      expect(source.destroyed).toBe(true);
      await expect(store.read(key)).rejects.toThrow(TypeError);
      await expect(store.remove(key)).rejects.toThrow(TypeError);
    },
  );

  it("check resolves while the store is reachable", async () => {
    await store.check();
  });

  it.each([true, false])("200 MiB are streamed in constant memory (size known: %s)", async (known) => {
    const key = newKey();
    const size = 200 * mebibyte;
    const { source } = streamOf(size);
    const growth = await memoryGrowth(async () => {
      await store.write(key, source, known ? size : undefined);
      let count = 0;
      for await (const chunk of await store.read(key)) count += chunk.length;
      expect(count).toBe(size);
    });
    await store.remove(key);
    expect(growth).toBeLessThan(100 * mebibyte);
  });

  it("a reader may stop early", async () => {
    const key = newKey();
    await store.write(key, streamOf(5 * mebibyte).source);
    const reading = await store.read(key);
    await once(reading, "readable");
    reading.destroy();
    await once(reading, "close");
    expect(await buffer(await store.read(key, { start: 0, end: 9 }))).toHaveLength(10);
  });
}

function newKey(): string {
  return `project_1/${randomUUID()}/v.1`;
}

/** Maximum growth of the resident set in bytes while `work` runs. */
async function memoryGrowth(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage.rss();
  let largest = before;
  const timer = setInterval(() => {
    largest = Math.max(largest, process.memoryUsage.rss());
  }, 20);
  await work().finally(() => clearInterval(timer));
  return largest - before;
}
