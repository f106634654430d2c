import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { describeStores, type Kept } from "../support/stores.ts";

const run = promisify(execFile);
const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id archiveUrl } } }";
type Logged = { logVersion: { version: { id: string; archiveUrl: string } } };

/** Unpacks with an independent program and lists the files on the disk. */
async function unpack(bytes: Buffer, form: string): Promise<Record<string, string>> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-archive-"));
  const packed = join(folder, "packed");
  await writeFile(packed, bytes);
  const script = `
import sys, zipfile, tarfile
if sys.argv[1] == "zip":
    z = zipfile.ZipFile(sys.argv[2]); assert z.testzip() is None; z.extractall(sys.argv[3])
else:
    tarfile.open(sys.argv[2]).extractall(sys.argv[3])
`;
  const target = join(folder, "out");
  await run("python3", ["-c", script, form, packed, target]);
  const entries = await readdir(target, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries.filter((item) => item.isFile())) {
    const path = join(entry.parentPath, entry.name);
    files[relative(target, path)] = (await readFile(path)).toString("latin1");
  }
  await rm(folder, { recursive: true });
  return files;
}

describeStores("archives", ({ open }) => {
  let service: TestService;
  let kept: Kept;
  const reading = { now: 0, most: 0, all: 0, held: Promise.resolve() };
  beforeAll(async () => {
    kept = await open();
    await kept.store.check();
    const read: BlobStore["read"] = async (...args) => {
      reading.now += 1;
      reading.all += 1;
      await reading.held;
      reading.most = Math.max(reading.most, reading.now);
      const source = await kept.store.read(...args);
      source.once("close", () => {
        reading.now -= 1;
      });
      return source;
    };
    // Without a cache, because these tests count reads of the store.
    const env = { LOG_LEVEL: "silent", PEDIGREE_CACHE_BYTES: "0" };
    service = await startTestService(engines[0], env, { blobs: { ...kept.store, read } });
  });
  afterAll(async () => {
    await service?.close();
    await kept?.end();
  });

  const files: Record<string, string> = {
    "a.txt": "hello",
    "sub/日本 語.csv": "a,b\n",
    [`sub/${"long/".repeat(60)}x`]: "deep",
    "sub/empty": "",
    "sub2/large": randomBytes(2_500_000).toString("latin1"),
    ...Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`many/${i}`, `${i}`.repeat(100)])),
  };
  const furnish = async (contents = files) => {
    const project = freshProject();
    const logged = await Promise.all(
      Object.entries(contents).map(async ([path, bytes]) => ({
        path,
        digest: await service.put(project, Buffer.from(bytes, "latin1")),
      })),
    );
    const input = { project, name: "some/データ", files: logged };
    return (await service.data<Logged>(logVersion, { input })).logVersion.version;
  };

  it.each(["zip", "tar"])("an archive as %s holds every file of the version", async (form) => {
    const { archiveUrl } = await furnish();
    reading.most = 0;
    const answer = await fetch(`${service.url}${archiveUrl.replace(/zip$/, form)}`);
    expect(answer.headers.get("content-type")).toBe(form === "zip" ? "application/zip" : "application/x-tar");
    expect(answer.headers.get("content-disposition")).toContain(
      `filename*=UTF-8''${encodeURIComponent("データ")}-1.${form}`,
    );
    expect(await unpack(Buffer.from(await answer.arrayBuffer()), form)).toEqual(files);
    expect(reading.most).toBeGreaterThan(3);
    expect(reading.most).toBeLessThan(40);
  });

  it.each(["zip", "tar"])("an archive of a directory as %s holds paths relative to the directory", async (form) => {
    const { archiveUrl } = await furnish();
    for (const path of ["sub", "sub/"]) {
      const answer = await fetch(`${service.url}${archiveUrl.replace(/zip$/, form)}?path=${path}`);
      expect(answer.headers.get("content-disposition")).toBe(`attachment; filename="sub-1.${form}"`);
      const inside = Object.entries(files).filter(([name]) => name.startsWith("sub/"));
      expect(await unpack(Buffer.from(await answer.arrayBuffer()), form)).toEqual(
        Object.fromEntries(inside.map(([name, bytes]) => [name.slice(4), bytes])),
      );
    }
  });

  it("an archive is refused for missing directories, hostile paths, external bytes and deleted versions, and HEAD reads no bytes", async () => {
    const { archiveUrl, id } = await furnish({ "a/b": "x" });
    const refusal = async (url: string) => (await fetch(`${service.url}${url}`)).json();
    expect(await refusal(`${archiveUrl}?path=none`)).toMatchObject({ status: 404, code: "NOT_FOUND" });
    expect(await refusal(`${archiveUrl}?path=a/b`)).toMatchObject({ status: 404, code: "NOT_FOUND" });
    for (const path of [
      ...[
        "..",
        "a/..",
        "/a",
        "a//b",
        "%2e%2e",
        "%252e%252e",
        "%25252e%25252e",
        "a%5C..",
        "a%00",
        "a%2500",
        "C:",
        "C%3A%5Cx",
      ],
      ...["%ED%A0%80", "%ff", "x".repeat(4_096), ""],
    ]) {
      expect(await refusal(`${archiveUrl}?path=${path}`)).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "path",
      });
    }
    reading.most = 0;
    expect((await fetch(`${service.url}${archiveUrl}`, { method: "HEAD" })).status).toBe(200);
    expect(reading.most).toBe(0);
    const input = { project: freshProject(), name: "out", location: "https://example.com/x" };
    const out = (await service.data<Logged>(logVersion, { input })).logVersion.version;
    expect(await refusal(out.archiveUrl)).toMatchObject({ status: 400, code: "INVALID_INPUT", field: "ref" });
    await service.data("mutation ($ref: VersionRef!) { deleteVersion(input: { ref: $ref }) { version { id } } }", {
      ref: id,
    });
    expect(await refusal(archiveUrl)).toMatchObject({ status: 410, code: "GONE" });
  });

  it.each(["zip", "tar"])("an archive as %s stops reading the store when its client goes away", async (form) => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${i}`, `${i}`]));
    const { archiveUrl } = await furnish(many);
    const before = reading.all;
    let release: () => void = () => undefined;
    reading.held = new Promise((resolve) => {
      release = resolve;
    });
    const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
    socket.write(`GET ${archiveUrl.replace(/zip$/, form)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    await expect.poll(() => reading.all).toBeGreaterThan(before);
    socket.destroy();
    await once(socket, "close");
    // The service remembers this for later requests.
    for (let i = 0; i < 3; i++) await fetch(`${service.url}/health/live`);
    release();
    await expect.poll(() => reading.now).toBe(0);
    expect(reading.all - before).toBeLessThan(40);
  });

  it.each(["zip", "tar"])(
    "an archive as %s breaks off at a file whose bytes are not those that were logged",
    async (form) => {
      const before = new Set(await kept.objects());
      const { archiveUrl } = await furnish({
        a: "x".repeat(100),
        b: randomBytes(2_000_000).toString("latin1"),
        c: "z",
      });
      expect((await kept.objects()).filter((object) => !before.has(object))).toHaveLength(3);
      await kept.damage((bytes) => Buffer.concat([Buffer.from("!"), bytes.subarray(1)]));
      const answer = fetch(`${service.url}${archiveUrl.replace(/zip$/, form)}`).then((got) => got.arrayBuffer());
      await expect(answer).rejects.toThrow();
      await expect.poll(() => reading.now).toBe(0);
    },
  );
});
