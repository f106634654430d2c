import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { Client } from "minio";
import { inject } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { describeEach, freshProject } from "./service.ts";

const s3 = inject("s3");
/** The bucket of suites that list its objects. */
export const bucket = "pedigree-http";

/** A blob store for one test, with access behind its back. */
export interface Kept {
  store: BlobStore;
  /** The objects in it, complete or in parts. */
  objects(): Promise<string[]>;
  /** Changes the bytes of every object behind the store's back, as a failing disk would. */
  damage(change: (bytes: Buffer) => Buffer): Promise<void>;
  end(): Promise<void>;
}

async function onDisk(): Promise<Kept> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-blobs-"));
  const objects = async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  };
  const damage = async (change: (bytes: Buffer) => Buffer) => {
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      const path = join(entry.parentPath, entry.name);
      if (entry.isFile()) await writeFile(path, change(await readFile(path)));
    }
  };
  return { store: filesystemBlobs(folder), objects, damage, end: () => rm(folder, { recursive: true }) };
}

async function inBucket(): Promise<Kept> {
  if (!s3) throw new Error("there is no S3 in this run");
  const prefix = freshProject();
  const { hostname, port } = new URL(s3.endpoint);
  const client = new Client({ endPoint: hostname, port: Number(port), useSSL: false, ...s3 });
  const objects = async () => {
    const names: string[] = [];
    const lists = [client.listObjectsV2(bucket, prefix, true), client.listIncompleteUploads(bucket, prefix, true)];
    for (const list of lists)
      for await (const item of list) names.push((item as { name?: string; key?: string }).name ?? "part");
    return names;
  };
  const damage = async (change: (bytes: Buffer) => Buffer) => {
    for (const name of await objects())
      await client.putObject(bucket, name, change(await buffer(await client.getObject(bucket, name))));
  };
  return { store: s3Blobs({ ...s3, bucket, prefix }), objects, damage, end: async () => undefined };
}

/** The stores that blob suites run on. */
export const stores = [
  { name: "the disk", missing: false, open: onDisk },
  { name: "S3", missing: !s3, open: inBucket },
];

/** Runs a suite on every blob store. */
export function describeStores(title: string, suite: (store: (typeof stores)[number]) => void): void {
  describeEach(stores, ({ name }) => `${title} on ${name}`, suite);
}
