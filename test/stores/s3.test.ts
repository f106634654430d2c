import { randomUUID } from "node:crypto";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { Client } from "minio";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import { BlobMissing, type BlobStore } from "../../src/ports/blob-store.ts";
import { Unavailable } from "../../src/ports/unavailable.ts";
import { failingAfter, streamOf } from "../support/bytes.ts";
import { type S3Address, type Server, startMinio } from "../support/servers.ts";

const mebibyte = 1024 * 1024;

describe.skipIf(!inject("s3"))("the S3 blob store", () => {
  const address = inject("s3") as S3Address;

  it("the S3 store keeps its objects below the prefix, and creates a missing bucket", async () => {
    const bucket = `blobs-${randomUUID()}`;
    const store = s3Blobs({ ...address, bucket, prefix: "some/where" });
    const client = clientOf(address);
    await store.check();
    expect(await namesIn(client.listObjectsV2(bucket, "", true))).toEqual([]);
    await store.write("a/b", bytesOf("x"));
    expect(await namesIn(client.listObjectsV2(bucket, "", true))).toEqual(["some/where/a/b"]);
    await store.remove("a/b");
    await client.removeBucket(bucket);
    // The first write may fail; some stores create the bucket themselves.
    await store.write("a/b", bytesOf("x")).catch((error: unknown) => expect(error).toBeInstanceOf(Unavailable));
    await store.write("a/b", bytesOf("x"), 1);
    expect(await client.bucketExists(bucket)).toBe(true);
    await store.close();
  });

  it("the S3 store aborts the upload of a source that fails", async () => {
    const bucket = `blobs-${randomUUID()}`;
    const store = s3Blobs({ ...address, bucket });
    await expect(store.write("a", failingAfter(40 * mebibyte))).rejects.toThrow("the source failed");
    // MinIO lists unfinished uploads only by their exact name.
    expect(await namesIn(clientOf(address).listIncompleteUploads(bucket, "a", true))).toEqual([]);
    await store.close();
  });

  it("the S3 store is UNAVAILABLE with keys that S3 refuses", async () => {
    const store = s3Blobs({ ...address, secretKey: "not the secret", bucket: `blobs-${randomUUID()}` });
    await unavailable(store);
    await store.close();
  });

  it("the S3 store waits for a slow source and a slow reader", async () => {
    const store = s3Blobs({ ...address, bucket: `blobs-${randomUUID()}` });
    const pause = 6000; // longer than a silence of the store may be
    const slow = async function* () {
      yield Buffer.from("slow");
      await delay(pause);
      yield Buffer.from("ly");
    };
    await store.write("long", streamOf(40 * mebibyte).source);
    const [reading] = await Promise.all([
      store.read("long"),
      store.write("slow", Readable.from(slow()), 6),
      delay(pause),
    ]);
    expect((await buffer(await store.read("slow"))).toString()).toBe("slowly");
    expect(await buffer(reading)).toHaveLength(40 * mebibyte);
    await store.close();
  });
});

describe.skipIf(inject("means") === "none")("an S3 server that fails", () => {
  let server: Server<S3Address>;
  let store: BlobStore;
  beforeAll(async () => {
    server = await startMinio(inject("means"));
    store = s3Blobs({ ...server.address, bucket: "blobs" });
  });
  afterAll(async () => {
    await store.close();
    await server.close();
  });

  it("the S3 store is UNAVAILABLE while the server is down, from the first use on, and recovers", async () => {
    await server.stop();
    await unavailable(store);
    await server.start();
    await store.write("kept", bytesOf("bytes"), 5);
    await server.kill();
    await unavailable(store);
    await server.start();
    expect((await buffer(await store.read("kept"))).toString()).toBe("bytes");
    await store.check();
  });

  it.each([undefined, 1024 * mebibyte])(
    "an S3 write that the end of the server cut off never appears (size: %s)",
    async (size) => {
      const { source, given } = streamOf(1024 * mebibyte);
      const writing = store.write("cut", source, size).catch((error: unknown) => error);
      await vi.waitFor(() => expect(given()).toBeGreaterThan(40 * mebibyte), 20_000);
      await server.kill();
      expect(await writing).toBeInstanceOf(Unavailable);
      expect(source.destroyed).toBe(true);
      await server.start();
      await expect(store.read("cut")).rejects.toThrow(BlobMissing);
    },
  );

  it.skipIf(inject("means") === "docker")(
    "the S3 store is UNAVAILABLE while the server accepts connections and never answers",
    async () => {
      await store.check();
      server.freeze();
      try {
        await unavailable(store);
      } finally {
        server.thaw();
      }
      await store.check();
    },
  );
});

/** Expects every method to reject in time. */
async function unavailable(store: BlobStore): Promise<void> {
  const began = Date.now();
  const uses = [
    store.check(),
    store.read("a"),
    store.read("a", { start: 0, end: 1 }),
    store.remove("a"),
    store.write("a", bytesOf("x")),
    store.write("a", bytesOf("x"), 1),
    store.write("a", streamOf(40 * mebibyte).source),
    store.write("a", streamOf(40 * mebibyte).source, 40 * mebibyte),
  ];
  for (const result of await Promise.allSettled(uses)) {
    expect(result).toMatchObject({ status: "rejected", reason: expect.any(Unavailable) });
  }
  expect(Date.now() - began).toBeLessThan(5000);
}

function bytesOf(text: string): Readable {
  return Readable.from([Buffer.from(text)]);
}

function clientOf({ endpoint, accessKey, secretKey, region }: S3Address): Client {
  const { hostname, port, protocol } = new URL(endpoint);
  return new Client({
    endPoint: hostname,
    port: Number(port),
    useSSL: protocol === "https:",
    accessKey,
    secretKey,
    region,
  });
}

async function namesIn(listing: AsyncIterable<{ name?: string; key?: string }>): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = [];
  for await (const item of listing) names.push(item.name ?? item.key);
  return names;
}
