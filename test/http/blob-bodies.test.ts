import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { streamOf } from "../support/bytes.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { describeStores, type Kept } from "../support/stores.ts";

const limit = 1_000_000;
function digestOf(bytes: Buffer | string) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

type Headers = Record<string, string | number>;

/** A request whose body the test sends piece by piece. */
function begun(url: string, project: string, headers: Headers) {
  const sent = request(`${url}/blobs?project=${project}`, { method: "PUT", headers });
  const answered = new Promise<{ status: number; body: Record<string, unknown> }>((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response: IncomingMessage) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body: JSON.parse(body) }), reject);
    });
  });
  answered.catch(() => undefined);
  return { sent, answered };
}

describeStores("uploads over HTTP", ({ open }) => {
  let service: TestService;
  let kept: Kept;
  const writes: Promise<unknown>[] = [];
  beforeAll(async () => {
    kept = await open();
    await kept.store.check();
    const write: BlobStore["write"] = (...args) => {
      const writing = kept.store.write(...args);
      writes.push(writing.catch(() => undefined));
      return writing;
    };
    service = await startTestService(
      engines[0],
      { PEDIGREE_MAX_FILE_BYTES: String(limit) },
      {
        blobs: { ...kept.store, write },
      },
    );
  });
  afterAll(async () => {
    await service?.close();
    await kept?.end();
  });

  const isThere = async (project: string, digest: string) =>
    (await fetch(`${service.url}/blobs/${digest}?project=${project}`)).status === 200;
  /** New objects in the store, once no write is under way. */
  const leftBy = async (work: () => Promise<void>): Promise<string[]> => {
    const before = new Set(await kept.objects());
    await work();
    await Promise.all(writes);
    return (await kept.objects()).filter((name) => !before.has(name));
  };
  /** Resolves when the service begins to write the next upload to the store. */
  const begins = async (work: () => void) => {
    const count = writes.length;
    work();
    await expect.poll(() => writes.length).toBe(count + 1);
  };

  it.each<Headers>([{ "content-length": 900_000 }, {}])(
    "an upload whose client goes away leaves nothing, with %j",
    async (headers) => {
      const project = freshProject();
      const bytes = randomBytes(400_000);
      const left = await leftBy(async () => {
        const { sent, answered } = begun(service.url, project, headers);
        await begins(() => sent.write(bytes));
        sent.destroy();
        await expect(answered).rejects.toThrow();
      });
      expect(left).toEqual([]);
      expect(await isThere(project, digestOf(bytes))).toBe(false);
    },
  );

  it("an upload that ends before its Content-Length, or that is malformed, leaves nothing", async () => {
    const project = freshProject();
    const left = await leftBy(async () => {
      for (const head of [
        "Content-Length: 10\r\n\r\nhello",
        "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nZZ\r\n",
      ]) {
        const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
        await begins(() => void socket.end(`PUT /blobs?project=${project} HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}`));
        socket.resume();
        await once(socket, "close");
      }
    });
    expect(left).toEqual([]);
    expect(await isThere(project, digestOf("hello"))).toBe(false);
  });

  it("an upload takes only its Content-Length, and the following bytes are another request", async () => {
    const project = freshProject();
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    const next = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    socket.write(`PUT /blobs?project=${project} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello${next}`);
    const [stored, live] = (await text(socket)).split(/(?=HTTP\/1\.1 200)/);
    expect(stored).toMatch(/^HTTP\/1\.1 201 /);
    expect(stored).toContain(`{"digest":"${digestOf("hello")}","size":5}`);
    expect(live).toContain('{"status":"live"}');
  });

  it("an upload that does not match its Content-Digest leaves nothing", async () => {
    const project = freshProject();
    const left = await leftBy(async () => {
      const digest = createHash("sha256").update("other").digest("base64");
      const { sent, answered } = begun(service.url, project, { "content-digest": `sha-256=:${digest}:` });
      sent.end("bytes");
      expect(await answered).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    });
    expect(left).toEqual([]);
    expect(await isThere(project, digestOf("bytes"))).toBe(false);
  });

  it("an upload that declares too many bytes is refused before they are sent", async () => {
    const project = freshProject();
    const left = await leftBy(async () => {
      const { sent, answered } = begun(service.url, project, { "content-length": limit + 1, expect: "100-continue" });
      sent.flushHeaders();
      expect(await answered).toMatchObject({ status: 413, body: { code: "TOO_LARGE", limit } });
      sent.destroy();
    });
    expect(left).toEqual([]);
  });

  it("an upload that turns out too large is refused, however much more would come", async () => {
    const project = freshProject();
    const left = await leftBy(async () => {
      const { sent, answered } = begun(service.url, project, {});
      const sending = pipeline(streamOf(200_000_000).source, sent).catch(() => undefined);
      expect(await answered).toMatchObject({ status: 413, body: { code: "TOO_LARGE", limit } });
      sent.destroy();
      await sending;
    });
    expect(left).toEqual([]);
  });

  it("a client that goes away while its upload is refused does no harm", async () => {
    const { sent, answered } = begun(service.url, "no/project", { "content-length": 10_000_000 });
    const gone = once(sent, "close");
    sent.write(randomBytes(100_000));
    expect(await answered).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
    sent.destroy();
    await gone;
    expect(await isThere(freshProject(), digestOf(""))).toBe(false);
  });

  it("a client that goes on sending a refused upload is cut off", async () => {
    const { sent, answered } = begun(service.url, freshProject(), {});
    const bytes = Buffer.alloc(1_000_000);
    const cut = new Promise((resolve) => sent.on("error", resolve));
    const more = () => sent.destroyed || sent.write(bytes, () => setImmediate(more));
    more();
    expect(await answered).toMatchObject({ status: 413, body: { code: "TOO_LARGE" } });
    expect(await cut).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) });
  });

  it("an upload of exactly the maximum size is accepted", async () => {
    const project = freshProject();
    const bytes = randomBytes(limit);
    expect(await service.put(project, bytes)).toBe(digestOf(bytes));
  });

  it("concurrent uploads are recorded in one batch, each in its own project", async () => {
    const projects = [freshProject(), freshProject()];
    service.statements();
    const contents = Array.from({ length: 50 }, (_, i) => ({
      project: projects[i % 2] ?? "",
      bytes: `content ${i}`,
    }));
    const digests = await Promise.all(contents.map(({ project, bytes }) => service.put(project, bytes)));
    expect(digests).toEqual(contents.map(({ bytes }) => digestOf(bytes)));
    expect(service.statements().filter((name) => name === "record-blobs").length).toBeLessThan(50);
    for (const [i, digest] of digests.entries()) {
      expect(await isThere(projects[i % 2] ?? "", digest)).toBe(true);
      expect(await isThere(projects[1 - (i % 2)] ?? "", digest)).toBe(false);
    }
  });

  it("50 concurrent uploads of the same content are stored once", async () => {
    const project = freshProject();
    const bytes = randomBytes(100_000);
    const answers: { status: number; body: Record<string, unknown> }[] = [];
    const left = await leftBy(async () => {
      const uploads = Array.from({ length: 50 }, () => begun(service.url, project, { "content-length": bytes.length }));
      for (const { sent } of uploads) sent.end(bytes);
      answers.push(...(await Promise.all(uploads.map(({ answered }) => answered))));
    });
    expect(left).toHaveLength(1);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array.from({ length: 49 }, () => 200), 201]);
    for (const { body } of answers) expect(body).toEqual({ digest: digestOf(bytes), size: bytes.length });
    const back = await fetch(`${service.url}/blobs/${digestOf(bytes)}?project=${project}`);
    expect(Buffer.from(await back.arrayBuffer()).equals(bytes)).toBe(true);
  });
});
