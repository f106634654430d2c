import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { get } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { describeStores, type Kept } from "../support/stores.ts";

function sha256(bytes: Buffer | string) {
  return createHash("sha256").update(bytes).digest();
}
const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
type Logged = { logVersion: { version: { id: string } } };

async function damagedReads(service: TestService): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return Number(/^pedigree_damaged_reads_total (\d+)$/m.exec(text)?.[1]);
}

describeStores("downloads", ({ open, name }) => {
  let service: TestService;
  let kept: Kept;
  let reads = 0;
  beforeAll(async () => {
    kept = await open();
    await kept.store.check();
    const read: BlobStore["read"] = (...args) => {
      reads += 1;
      return kept.store.read(...args);
    };
    const env = { PEDIGREE_STALL_TIMEOUT: "1s", LOG_LEVEL: "silent" };
    service = await startTestService(engines[0], env, { blobs: { ...kept.store, read } });
  });
  afterAll(async () => {
    await service?.close();
    await kept?.end();
  });

  /** Logs a version with one file; returns the URL of the file. */
  const furnish = async (path: string, bytes: Buffer | string) => {
    const project = freshProject();
    const digest = await service.put(project, bytes);
    const input = { project, name: "a", files: [{ path, digest }] };
    const { logVersion: logged } = await service.data<Logged>(logVersion, { input });
    const segments = path.split("/").map(encodeURIComponent).join("/");
    return { project, digest, url: `${service.url}/versions/${logged.version.id}/files/${segments}` };
  };
  const ask = (url: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(url, { method, headers, redirect: "manual" });

  it("a download has complete headers, and HEAD has the same without reading the bytes", async () => {
    const { url, digest, project } = await furnish("sub/a.csv", "0123456789");
    const common = {
      "content-length": "10",
      etag: `"${digest}"`,
      "accept-ranges": "bytes",
      "repr-digest": `sha-256=:${sha256("0123456789").toString("base64")}:`,
      "x-content-type-options": "nosniff",
    };
    const before = reads;
    for (const address of [url, `${service.url}/blobs/${digest}?project=${project}`]) {
      const head = await ask(address, {}, "HEAD");
      expect([head.status, await head.text()]).toEqual([200, ""]);
      expect(Object.fromEntries(head.headers)).toMatchObject(common);
    }
    expect(reads).toBe(before);
    const got = await ask(url);
    expect([got.status, await got.text()]).toEqual([200, "0123456789"]);
    expect(Object.fromEntries(got.headers)).toMatchObject({
      ...common,
      "content-type": "text/csv",
      "content-disposition": 'attachment; filename="a.csv"',
    });
  });

  it.each([
    ["bytes=0-3", "0123", "bytes 0-3/10"],
    ["bytes=4-", "456789", "bytes 4-9/10"],
    ["bytes=-3", "789", "bytes 7-9/10"],
    ["bytes=-100", "0123456789", "bytes 0-9/10"],
    ["bytes=8-100", "89", "bytes 8-9/10"],
    ["bytes=9-9", "9", "bytes 9-9/10"],
    ["bytes=0-", "0123456789", "bytes 0-9/10"],
  ])("the range %s of a download is served", async (range, bytes, contentRange) => {
    const { url } = await furnish("a.txt", "0123456789");
    const got = await ask(url, { range });
    expect([got.status, await got.text()]).toEqual([206, bytes]);
    expect(got.headers.get("content-range")).toBe(contentRange);
    expect(got.headers.get("content-length")).toBe(String(bytes.length));
  });

  it.each(["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-"])(
    "the range %s, which is beyond the end, is refused",
    async (range) => {
      const { url } = await furnish("a.txt", "0123456789");
      const refused = await ask(url, { range });
      expect([refused.status, refused.headers.get("content-range")]).toEqual([416, "bytes */10"]);
      expect(refused.headers.get("content-type")).toContain("application/problem+json");
      expect(await refused.json()).toMatchObject({ status: 416, code: "INVALID_INPUT", field: "Range" });
    },
  );

  it.each(["bytes=0-1,3-4", "bytes=3-1", "lines=0-1", "bytes=-", "bytes=a-b", "bytes"])(
    "the whole file is served when %s is not a single range",
    async (range) => {
      const { url } = await furnish("a.txt", "0123456789");
      const got = await ask(url, { range });
      expect([got.status, await got.text()]).toEqual([200, "0123456789"]);
    },
  );

  it("If-Range serves a range only of the named content, and If-None-Match sends nothing that the client has", async () => {
    const { url, digest } = await furnish("a.txt", "0123456789");
    const range = "bytes=1-2";
    const statusOf = async (headers: Record<string, string>, method = "GET") =>
      (await ask(url, headers, method)).status;
    expect(await statusOf({ range, "if-range": `"${digest}"` })).toBe(206);
    expect(await statusOf({ range, "if-range": '"other"' })).toBe(200);
    expect(await statusOf({ range, "if-range": new Date().toUTCString() })).toBe(200);
    const before = reads;
    for (const known of [`"${digest}"`, `W/"${digest}"`, `"a", "${digest}"`, "*"]) {
      expect(await statusOf({ "if-none-match": known })).toBe(304);
      expect(await statusOf({ "if-none-match": known, range: "bytes=99-" }, "HEAD")).toBe(304);
    }
    expect(reads).toBe(before);
    expect(await statusOf({ "if-none-match": '"other"' })).toBe(200);
  });

  it("an empty file is served whole, and has no range", async () => {
    const { url } = await furnish("empty", "");
    const got = await ask(url);
    expect([got.status, await got.text(), got.headers.get("content-length")]).toEqual([200, "", "0"]);
    expect((await ask(url, { range: "bytes=0-" })).status).toBe(416);
  });

  it("a download names files in all alphabets", async () => {
    const { url } = await furnish('データ/日本 "語" 100%;é.csv', "x");
    expect((await ask(url)).headers.get("content-disposition")).toBe(
      'attachment; filename="?? \\"?\\" 100%;\u00e9.csv"; filename*=UTF-8\'\'%E6%97%A5%E6%9C%AC%20%22%E8%AA%9E%22%20100%25%3B%C3%A9.csv',
    );
  });

  it("a download redirects to the store where the store has links, and serves the bytes elsewhere", async () => {
    const { url } = await furnish("日本.html", "<p>x</p>");
    const answer = await ask(`${url}?redirect=1`);
    if (name === "the disk") return expect([answer.status, await answer.text()]).toEqual([200, "<p>x</p>"]);
    expect(answer.status).toBe(307);
    const linked = await fetch(answer.headers.get("location") ?? "");
    expect([linked.status, await linked.text()]).toEqual([200, "<p>x</p>"]);
    expect(linked.headers.get("content-type")).toBe("text/html");
    expect(linked.headers.get("content-disposition")).toContain("filename*=UTF-8''%E6%97%A5%E6%9C%AC.html");
  });

  it.each([
    ["changed", 10, (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.from("x")])],
    ["changed", 3_000_000, (bytes: Buffer) => Buffer.concat([Buffer.from("x"), bytes.subarray(1)])],
    ["cut", 3_000_000, (bytes: Buffer) => bytes.subarray(0, -1)],
    ["longer", 3_000_000, (bytes: Buffer) => Buffer.concat([bytes, Buffer.from("x")])],
  ])(
    "the download of a file that was %s (%i bytes) breaks off before its last byte and is counted",
    async (_how, size, change) => {
      const { url, project, digest } = await furnish(
        "a.bin",
        Buffer.concat([Buffer.from("y"), randomBytes(size - 2), Buffer.from("y")]),
      );
      await kept.damage(change);
      const before = await damagedReads(service);
      for (const address of [url, `${service.url}/blobs/${digest}?project=${project}`]) {
        const seen = { size: 0 };
        const broken = new Promise((resolve, reject) => {
          const asked = get(address, (response) => {
            response.on("data", (chunk: Buffer) => {
              seen.size += chunk.length;
            });
            response.on("end", () => reject(new Error("all was given")));
            response.on("error", resolve);
          });
          asked.on("error", resolve);
        });
        expect(await broken).toMatchObject({ code: "ECONNRESET" });
        expect(seen.size).toBeLessThan(size);
      }
      expect(await damagedReads(service)).toBe(before + 2);
    },
  );

  it.each([
    ["ends within the object", 10, "bytes=0-4"],
    ["ends beyond the object", 10, "bytes=2-7"],
    ["begins beyond the object", 10, "bytes=8-9"],
    ["ends beyond a large object", 3_000_000, "bytes=1-2999998"],
  ])("a range that %s which was cut short (%i bytes) breaks off and is counted", async (how, size, range) => {
    const { url } = await furnish("a.bin", randomBytes(size));
    await kept.damage((bytes) => bytes.subarray(0, bytes.length === size ? size / 2 : bytes.length));
    const before = await damagedReads(service);
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    const request = (more: string) => `GET ${new URL(url).pathname} HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`;
    // Two requests on one connection: the answer to the second must never be read as the rest of the first.
    socket.write(request(`Range: ${range}\r\n`) + request('If-Match: "none"\r\nConnection: close\r\n'));
    const answers = (await buffer(socket).catch(() => Buffer.alloc(0))).toString("latin1");
    const isWithin = how.includes("within");
    expect(answers.includes("412 Precondition Failed")).toBe(isWithin);
    expect(await damagedReads(service)).toBe(before + (isWithin ? 0 : 1));
  });

  it.each([10, 3_000_000])(
    "the download of a file that was removed from the store (%i bytes) fails and is counted",
    async (size) => {
      const { url, project, digest } = await furnish("a.csv", randomBytes(size));
      for await (const { key } of kept.store.list()) await kept.store.remove(key);
      const before = await damagedReads(service);
      const [content, preview] = [
        `${service.url}/blobs/${digest}?project=${project}`,
        url.replace("/files/", "/preview/"),
      ];
      for (const answer of [
        await ask(url),
        await ask(url, { range: "bytes=1-2" }),
        await ask(content),
        await ask(preview),
      ]) {
        const problem = { code: "GONE", detail: expect.stringContaining(digest) };
        for (const name of ["etag", "repr-digest", "content-range", "content-disposition"])
          expect(answer.headers.get(name), name).toBeNull();
        expect([answer.status, await answer.json()]).toMatchObject([410, problem]);
      }
      expect(await damagedReads(service)).toBe(before + 4);
    },
  );

  it.each([
    // Room for one file of 10,000 bytes but not for two: each takes some overhead.
    { room: "20000", again: 1, inTurn: 2 },
    { room: "9000", again: 3, inTurn: 4 },
    { room: "0", again: 3, inTurn: 4 },
  ])("small files are cached as long as they fit into $room bytes, and never after their deletion", async (example) => {
    const env = { PEDIGREE_CACHE_BYTES: example.room, LOG_LEVEL: "silent" };
    let asked = 0;
    const read: BlobStore["read"] = (...args) => {
      asked += 1;
      return kept.store.read(...args);
    };
    const cached = await startTestService(engines[0], env, {
      blobs: { ...kept.store, read, close: async () => undefined }, // others go on using it
    });
    onTestFinished(() => cached.close());
    const project = freshProject();
    const contents = [randomBytes(10_000), randomBytes(10_000)];
    const digests = await Promise.all(contents.map((bytes) => cached.put(project, bytes)));
    const files = digests.map((digest, i) => ({ path: `${i}`, digest }));
    const { logVersion: logged } = await cached.data<Logged>(logVersion, { input: { project, name: "a", files } });
    const readAll = async (order: number[]): Promise<number> => {
      asked = 0;
      for (const i of order) {
        const answer = await fetch(`${cached.url}/versions/${logged.version.id}/files/${i}`);
        expect(Buffer.from(await answer.arrayBuffer()).equals(contents[i] as Buffer)).toBe(true);
      }
      return asked;
    };
    expect(await readAll([0, 0, 0])).toBe(example.again);
    expect(await readAll([0, 1, 1, 0])).toBe(example.inTurn);
    await cached.data("mutation ($ref: VersionRef!) { deleteVersion(input: { ref: $ref }) { version { id } } }", {
      ref: logged.version.id,
    });
    expect((await fetch(`${cached.url}/versions/${logged.version.id}/files/0`)).status).toBe(410);
  });

  it("a download answers UNAVAILABLE when the store fails before any byte was sent", async () => {
    const read: BlobStore["read"] = async (...args) => {
      const source = await kept.store.read(...args);
      return source.once("data", () => source.destroy(new Error("cut off"))).pause();
    };
    const blobs = { ...kept.store, read, close: async () => undefined }; // others go on using it
    const cut = await startTestService(engines[0], { LOG_LEVEL: "silent" }, { blobs });
    onTestFinished(() => cut.close());
    const project = freshProject();
    const digest = await cut.put(project, randomBytes(10_000));
    const answer = await fetch(`${cut.url}/blobs/${digest}?project=${project}`);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: "UNAVAILABLE" }]);
    expect(answer.headers.get("etag")).toBeNull();
  });

  it("a download releases the store when its client goes away, and cuts off a client that reads nothing", async () => {
    const sources: Readable[] = [];
    const watched = await startTestService(
      engines[0],
      { PEDIGREE_STALL_TIMEOUT: "1s", LOG_LEVEL: "silent" },
      {
        blobs: {
          ...kept.store,
          read: async (...args) => {
            const source = await kept.store.read(...args);
            sources.push(source);
            return source;
          },
        },
      },
    );
    const project = freshProject();
    const digest = await watched.put(project, randomBytes(50_000_000));
    const path = `/blobs/${digest}?project=${project}`;
    const begin = async () => {
      const socket = connect(Number(new URL(watched.url).port), "127.0.0.1");
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
      await once(socket, "readable");
      return socket;
    };
    const leaving = await begin();
    expect(sources.at(-1)?.destroyed).toBe(false);
    leaving.destroy();
    await expect.poll(() => sources.at(-1)?.destroyed).toBe(true);
    const stalling = await begin();
    const stalled = sources.at(-1);
    expect(stalled?.destroyed).toBe(false);
    await expect.poll(() => stalled?.destroyed, { timeout: 5_000 }).toBe(true);
    // Only what was in transit when it was cut off.
    const rest = await buffer(stalling).catch((error: NodeJS.ErrnoException) => error.code);
    expect(Buffer.isBuffer(rest) ? rest.length : 0).toBeLessThan(50_000_000);
    await watched.close();
  });

  it("an upload that stalls is cut off and leaves nothing", async () => {
    const before = await kept.objects();
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    socket.write(
      `PUT /blobs?project=${freshProject()} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\nhello`,
    );
    socket.on("error", () => undefined);
    await once(socket, "close");
    await expect.poll(async () => (await kept.objects()).filter((object) => !before.includes(object))).toEqual([]);
  });
});
