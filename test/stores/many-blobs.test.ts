import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { type IncomingMessage, request } from "node:http";
import { Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { describe, expect, inject, it } from "vitest";
import { streamOf } from "../support/bytes.ts";
import { startProcess } from "../support/process.ts";
import { freshProject } from "../support/service.ts";
import { bucket } from "../support/stores.ts";

const s3 = inject("s3");

function onS3(): Record<string, string> {
  return {
    PEDIGREE_BLOBS: `s3://${bucket}/${freshProject()}`,
    S3_ENDPOINT: s3?.endpoint ?? "",
    S3_ACCESS_KEY: s3?.accessKey ?? "",
    S3_SECRET_KEY: s3?.secretKey ?? "",
  };
}

/** The memory of a process in MB. */
async function memoryOf(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "rss=", "-p", String(pid)]);
  return Number(stdout) / 1_024;
}

/** Samples the memory of a process; the returned function stops and returns the maximum. */
function watch(pid: number): () => number {
  let maximum = 0;
  const look = async () => {
    maximum = Math.max(maximum, await memoryOf(pid));
  };
  const timer = setInterval(() => void look().catch(() => undefined), 50);
  return () => {
    clearInterval(timer);
    return maximum;
  };
}

async function put(url: string, source: Readable, size?: number) {
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    const headers = size === undefined ? {} : { "content-length": size };
    const sent = request(url, { method: "PUT", headers }, resolve);
    sent.on("error", reject);
    pipeline(source, sent).catch(reject);
  });
  const answer = await answered;
  return { status: answer.statusCode, body: JSON.parse(await text(answer)) as { digest: string } };
}

async function get(url: string): Promise<{ size: number; digest: string }> {
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    request(url, resolve).on("error", reject).end(),
  );
  const hash = createHash("sha256");
  let size = 0;
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      hash.update(chunk);
      done();
    },
  });
  await pipeline(answer, sink);
  return { size, digest: `sha256:${hash.digest("hex")}` };
}

describe.each([
  { name: "the disk", missing: false, env: () => ({}) },
  { name: "S3", missing: !s3, env: onS3 },
])("a service with its blobs on $name", ({ missing, env }) => {
  it.skipIf(missing)(
    "200 concurrent uploads, half of unknown size, are all accepted",
    async () => {
      const service = await startProcess(env());
      const url = `${service.url}/blobs?project=${freshProject()}`;
      await put(url, Readable.from([randomBytes(20_000_000)]));
      const maximum = watch(service.pid());
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, i) => {
          const size = 1_500_000 + i;
          return put(url, streamOf(size).source, i % 2 ? size : undefined);
        }),
      );
      const peak = maximum();
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
      expect(peak).toBeGreaterThan(0);
      // A fresh process takes about 150 MB.
      expect(peak).toBeLessThan(550);
    },
    120_000,
  );

  it.skipIf(missing)(
    "200 MB pass up and down at once in constant memory, also with unknown size",
    async () => {
      const size = 200_000_000;
      const service = await startProcess(env());
      const url = `${service.url}/blobs?project=at-once`;
      await put(url, Readable.from([randomBytes(20_000_000)]));
      const before = await memoryOf(service.pid());
      const maximum = watch(service.pid());
      const first = streamOf(size);
      const { body } = await put(url, first.source);
      expect(body).toEqual({ size, digest: `sha256:${first.digest()}` });
      const [down] = await Promise.all([
        get(`${service.url}/blobs/${body.digest}?project=at-once`),
        put(url, streamOf(size).source, size),
      ]);
      expect(down).toEqual({ size, digest: `sha256:${first.digest()}` });
      expect(maximum() - before).toBeLessThan(150);
    },
    120_000,
  );
});
