import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "minio";
import { findMeans, type S3Address, startMinio } from "../test/support/servers.ts";
import { startServiceProcess } from "./service-process.ts";

/** A service over a bucket, and direct access to the same bucket. */
export interface Store {
  url: string;
  /** The service's process id. */
  pid: number;
  /** A signed URL of an object that the service does not know. */
  signed(method: "GET" | "PUT", key: string): Promise<string>;
  end(): Promise<void>;
}

function readS3Address(): S3Address | null {
  const { S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey, S3_REGION: region } = process.env;
  return endpoint && accessKey && secretKey ? { endpoint, accessKey, secretKey, region: region ?? "us-east-1" } : null;
}

async function findS3() {
  const address = readS3Address();
  if (address) return { address, close: async () => undefined };
  const means = await findMeans();
  if (means === "none") throw new Error("no S3: set S3_ENDPOINT, start Docker, or set PEDIGREE_TEST_SERVERS=fetch");
  return startMinio(means);
}

/** The S3 of `S3_ENDPOINT`, or one started for the run; the graph is embedded. */
export async function openStore(): Promise<Store> {
  const { address, close } = await findS3();
  const bucket = `bench-${randomBytes(6).toString("hex")}`;
  const folder = await mkdtemp(join(tmpdir(), "pedigree-bench-"));
  const { endpoint, accessKey, secretKey } = address;
  const { hostname, port, protocol } = new URL(endpoint);
  const client = new Client({ ...address, endPoint: hostname, port: Number(port), useSSL: protocol === "https:" });
  await client.makeBucket(bucket, address.region);
  const env = { S3_ENDPOINT: endpoint, S3_ACCESS_KEY: accessKey, S3_SECRET_KEY: secretKey };
  const { url, child } = await startServiceProcess({ ...env, PEDIGREE_BLOBS: `s3://${bucket}`, PEDIGREE_DATA: folder });
  return {
    url,
    pid: child.pid ?? 0,
    signed: (method, key) => client.presignedUrl(method, bucket, key, 3_600),
    async end() {
      child.kill("SIGTERM");
      await once(child, "exit");
      const names: string[] = [];
      for await (const item of client.listObjectsV2(bucket, "", true)) names.push((item as { name: string }).name);
      await client.removeObjects(bucket, names);
      await client.removeBucket(bucket);
      await rm(folder, { recursive: true });
      await close();
    },
  };
}
