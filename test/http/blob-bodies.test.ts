import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { streamOf } from "../support/bytes.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { type Kept, stores } from "../support/stores.ts";

const limit = 1_000_000;
function digestOf(bytes: Buffer | string) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

type Headers = Record<string, string | number>;

/** A request whose body the test sends itself. */
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

describe.each(stores)("bytes over HTTP to $name", ({ missing, open }) => {
  describe.skipIf(missing)("", () => {
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
    /** What the store has more than before, once nothing is being written. */
    const leftBy = async (work: () => Promise<void>): Promise<string[]> => {
      const before = new Set(await kept.objects());
      await work();
      await Promise.all(writes);
      return (await kept.objects()).filter((name) => !before.has(name));
    };
    /** Resolves when the service has begun to write the next upload to the store. */
    const begins = async (work: () => void) => {
      const count = writes.length;
      work();
      await expect.poll(() => writes.length).toBe(count + 1);
    };

    it.each<Headers>([{ "content-length": 900_000 }, {}])(
      "leave nothing of a client that goes away, with %j",
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

    it("leave nothing of a body that ends before its Content-Length, or that is no body", async () => {
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

    it("take no more than the Content-Length, and what follows for another request", async () => {
      const project = freshProject();
      const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
      const next = "GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
      socket.write(
        `PUT /blobs?project=${project} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello${next}`,
      );
      const [stored, live] = (await text(socket)).split(/(?=HTTP\/1\.1 200)/);
      expect(stored).toMatch(/^HTTP\/1\.1 201 /);
      expect(stored).toContain(`{"digest":"${digestOf("hello")}","size":5}`);
      expect(live).toContain('{"status":"live"}');
    });

    it("leave nothing of bytes that haven't their Content-Digest", async () => {
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

    it("refuse what is said to be too large before it is sent", async () => {
      const project = freshProject();
      const left = await leftBy(async () => {
        const { sent, answered } = begun(service.url, project, { "content-length": limit + 1, expect: "100-continue" });
        sent.flushHeaders();
        expect(await answered).toMatchObject({ status: 413, body: { code: "TOO_LARGE", limit } });
        sent.destroy();
      });
      expect(left).toEqual([]);
    });

    it("refuse what turns out to be too large, however much more would come", async () => {
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

    it("bear that a client goes away while it is refused", async () => {
      const { sent, answered } = begun(service.url, "no/project", { "content-length": 10_000_000 });
      const gone = once(sent, "close");
      sent.write(randomBytes(100_000));
      expect(await answered).toMatchObject({ status: 400, body: { code: "INVALID_INPUT" } });
      sent.destroy();
      await gone;
      expect(await isThere(freshProject(), digestOf(""))).toBe(false);
    });

    it("cut off who goes on sending what was refused", async () => {
      const { sent, answered } = begun(service.url, freshProject(), {});
      const bytes = Buffer.alloc(1_000_000);
      const cut = new Promise((resolve) => sent.on("error", resolve));
      const more = () => sent.destroyed || sent.write(bytes, () => setImmediate(more));
      more();
      expect(await answered).toMatchObject({ status: 413, body: { code: "TOO_LARGE" } });
      expect(await cut).toMatchObject({ code: expect.stringMatching(/EPIPE|ECONNRESET/) });
    });

    it("take exactly as much as is allowed", async () => {
      const project = freshProject();
      const bytes = randomBytes(limit);
      expect(await service.put(project, bytes)).toBe(digestOf(bytes));
    });

    it("record what comes at once together, each in its own project", async () => {
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

    it("keep one copy of 50 uploads of the same content at once", async () => {
      const project = freshProject();
      const bytes = randomBytes(100_000);
      const answers: { status: number; body: Record<string, unknown> }[] = [];
      const left = await leftBy(async () => {
        const uploads = Array.from({ length: 50 }, () =>
          begun(service.url, project, { "content-length": bytes.length }),
        );
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
});
