import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "minio";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { s3Blobs } from "../../src/adapters/s3/blob-store.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import type { S3Address } from "../support/servers.ts";
import { describeEach, engines, freshProject, only, startTestService, type TestService } from "../support/service.ts";
import {
  abort,
  begin,
  byId,
  complete,
  create,
  finish,
  look,
  mebibyte,
  type Part,
  partSize,
  send,
  sendAll,
  sha256,
  sliceOf,
  type Upload,
} from "./upload-calls.ts";

const bucket = "pedigree-uploads";

interface Kept {
  store: BlobStore;
  /** The objects in it, complete or in parts. */
  objects(): Promise<string[]>;
  end(): Promise<void>;
}
async function onDisk(): Promise<Kept> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-uploads-"));
  const objects = async () => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  };
  return { store: filesystemBlobs(folder), objects, end: () => rm(folder, { recursive: true }) };
}
function inS3(s3: S3Address | null) {
  return async (): Promise<Kept> => {
    if (!s3) throw new Error("no S3");
    const prefix = freshProject();
    const { hostname, port } = new URL(s3.endpoint);
    const minio = new Client({ ...s3, endPoint: hostname, port: Number(port), useSSL: false });
    const objects = async () => {
      const names: string[] = [];
      for await (const item of minio.listObjectsV2(bucket, `${prefix}/`, true)) names.push(item.name);
      return names;
    };
    return { store: s3Blobs({ ...s3, bucket, prefix }), objects, end: async () => undefined };
  };
}

async function tokens(project: string) {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-tokens-"));
  const entry = (name: string, role: string, projects: string[], actor = name) => ({
    sha256: createHash("sha256").update(name).digest("hex"),
    actor,
    role,
    projects,
  });
  const list = [
    entry("ada", "contributor", [project]),
    entry("ben", "contributor", [project]),
    entry("mia", "maintainer", [project]),
    entry("eve", "contributor", ["other"]),
    entry("ada-reads", "viewer", [project], "ada"),
  ];
  await writeFile(join(folder, "tokens.json"), JSON.stringify(list));
  return { PEDIGREE_AUTH: "token", PEDIGREE_TOKENS: join(folder, "tokens.json") };
}

const places = [
  { place: "the local disk", engine: engines[0], open: onDisk, replaces: true, missing: false },
  {
    place: "S3",
    engine: engines[1],
    open: inS3(inject("s3")),
    replaces: true,
    missing: engines[1].missing || !inject("s3"),
  },
  {
    place: "SeaweedFS",
    engine: engines[0],
    open: inS3(inject("seaweed")),
    replaces: false,
    missing: !inject("seaweed"),
  },
];

describeEach(
  places,
  ({ place }) => `uploads in parts to ${place}`,
  ({ engine, open, replaces }) => {
    let kept: Kept;
    let service: TestService;
    let ahead = 0;
    beforeAll(async () => {
      kept = await open();
      const now = () => Date.now() + ahead;
      service = await startTestService(
        engine,
        { PEDIGREE_MAX_FILE_BYTES: String(100 * mebibyte) },
        {
          blobs: kept.store,
          now,
          jobs: only("verify-uploads"),
        },
      );
    });
    afterAll(async () => {
      await service.close();
      await kept.end();
    });

    it("an upload takes parts in any order, lists those it has, and becomes a content that versions may use", async () => {
      const project = freshProject();
      const bytes = randomBytes(2 * partSize + 7);
      const upload = await begin(service, { project, size: bytes.length, partSize });
      expect(upload).toMatchObject({ state: "OPEN", size: bytes.length, partSize, digest: null, error: null });
      expect(upload.parts.map(({ size, uploaded }) => [size, uploaded])).toEqual([
        [partSize, false],
        [partSize, false],
        [7, false],
      ]);
      const [first, second, third] = upload.parts as [Part, Part, Part];
      const etags = new Map<number, string>();
      for (const [part, sent] of [
        [third, sliceOf(bytes, 3)],
        // SeaweedFS keeps the former bytes of a part as well as the present ones.
        ...(replaces ? [[first, Buffer.alloc(partSize, 1)] as const] : []),
        [first, sliceOf(bytes, 1)],
      ] as const) {
        const answer = await send(service, part, sent);
        expect(answer.status).toBe(200);
        etags.set(part.number, answer.headers.get("etag") ?? "");
      }
      const resumed = await look(service, upload.id);
      expect(resumed?.parts.map(({ uploaded }) => uploaded)).toEqual([true, false, true]);
      expect(`"${resumed?.parts[0]?.etag}"`).toBe(etags.get(1));
      etags.set(2, (await send(service, second, sliceOf(bytes, 2))).headers.get("etag") ?? "");
      const parts = [1, 2, 3].map((number) => ({ number, etag: etags.get(number) }));
      const done = await finish(service, upload.id, parts);
      expect(done).toMatchObject({ state: "COMPLETE", digest: sha256(bytes), error: null, parts: [] });
      const input = { project, name: "large", files: [{ path: "large.bin", digest: sha256(bytes) }] };
      await service.data("mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }", { input });
      const answer = await fetch(`${service.url}/versions/${project}%2Flarge/files/large.bin`);
      expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(sha256(bytes));
      expect(await service.data(`{ node(id: "${upload.id}") { id __typename } }`)).toEqual({
        node: { id: upload.id, __typename: "Upload" },
      });
    });

    it("a content is stored once, however it arrived and however often its upload is completed", async () => {
      const project = freshProject();
      const bytes = randomBytes(partSize);
      await service.put(project, bytes);
      const before = await kept.objects();
      const upload = await begin(service, { project, size: bytes.length, digest: sha256(bytes) });
      const parts = await sendAll(service, { ...upload }, bytes);
      const all = await Promise.all(Array.from({ length: 8 }, () => finish(service, upload.id, parts)));
      expect(all.every(({ state }) => state === "COMPLETE" || state === "VERIFYING")).toBe(true);
      await expect.poll(async () => (await look(service, upload.id))?.state).toBe("COMPLETE");
      await expect.poll(() => kept.objects()).toEqual(before);
    });

    it("an upload whose bytes are not those that were declared fails and leaves nothing", async () => {
      const project = freshProject();
      const before = await kept.objects();
      const upload = await begin(service, { project, size: 3, digest: sha256(Buffer.from("abd")) });
      const parts = await sendAll(service, upload, Buffer.from("abc"));
      const failed = await finish(service, upload.id, parts);
      const error = `the file has digest ${sha256(Buffer.from("abc"))}, not ${sha256(Buffer.from("abd"))}`;
      expect(failed).toMatchObject({ state: "FAILED", error, parts: [] });
      expect(await kept.objects()).toEqual(before);
      expect(await service.refusal(complete, { input: { id: upload.id, parts } })).toMatchObject({
        code: "ILLEGAL_TRANSITION",
        from: "FAILED",
        to: "COMPLETE",
      });
    });

    it("completing an upload requires every part once, in order, with its etag", async () => {
      const bytes = randomBytes(partSize + 1);
      const upload = await begin(service, { project: freshProject(), size: bytes.length, partSize });
      const [first, second] = upload.parts as [Part, Part];
      const etag = (await send(service, first, sliceOf(bytes, 1))).headers.get("etag");
      const refused = async (parts: object[]) => service.refusal(complete, { input: { id: upload.id, parts } });
      const one = { number: 1, etag };
      expect(await refused([])).toMatchObject({ code: "INVALID_INPUT", field: "parts" });
      expect(await refused([one])).toMatchObject({ code: "INVALID_INPUT", field: "parts" });
      expect(await refused([one, { number: 2, etag }])).toMatchObject({
        code: "INVALID_INPUT",
        field: "parts.1",
        message: "parts.1: part 2 has not been sent",
      });
      const other = (await send(service, second, sliceOf(bytes, 2))).headers.get("etag");
      const two = { number: 2, etag: other };
      expect(await refused([one, one])).toMatchObject({ code: "INVALID_INPUT", field: "parts.1.number" });
      expect(await refused([two, one])).toMatchObject({ code: "INVALID_INPUT", field: "parts.0.number" });
      expect(await refused([one, { number: 2, etag }])).toMatchObject({ code: "INVALID_INPUT", field: "parts.1.etag" });
      expect(await finish(service, upload.id, [one, two])).toMatchObject({ state: "COMPLETE", digest: sha256(bytes) });
    });

    it.each([
      ["no bytes", { size: 0 }, { code: "INVALID_INPUT", field: "size" }],
      ["more than a file may have", { size: 100 * mebibyte + 1 }, { code: "TOO_LARGE", limit: 100 * mebibyte }],
      ["parts too small", { size: 2 * partSize, partSize: partSize - 1 }, { code: "INVALID_INPUT", field: "partSize" }],
      ["parts too large", { size: 1, partSize: 5 * 2 ** 30 + 1 }, { code: "INVALID_INPUT", field: "partSize" }],
      ["a digest that is none", { size: 1, digest: "sha256:00" }, { code: "INVALID_INPUT", field: "digest" }],
      ["a project that can't be", { size: 1, project: "../x" }, { code: "INVALID_INPUT", field: "project" }],
    ])("createUpload refuses %s", async (_what, input, refusal) => {
      expect(await service.refusal(create, { input: { project: freshProject(), ...input } })).toMatchObject(refusal);
    });

    it("an aborted upload drops its parts and takes no more", async () => {
      const before = await kept.objects();
      const upload = await begin(service, { project: freshProject(), size: 5 });
      const parts = await sendAll(service, upload, Buffer.from("hello"));
      const { id } = upload;
      expect(await service.data(abort, { input: { id } })).toEqual({ abortUpload: { id } });
      expect(await look(service, id)).toMatchObject({ state: "FAILED", error: "it was aborted" });
      expect(await kept.objects()).toEqual(before);
      const [part] = upload.parts as [Part];
      expect((await send(service, part, Buffer.from("hello"))).ok).toBe(false);
      expect(await service.refusal(complete, { input: { id, parts } })).toMatchObject({ code: "ILLEGAL_TRANSITION" });
      expect(await service.data(abort, { input: { id } })).toEqual({ abortUpload: { id } });
    });

    it("a completed upload can't be aborted", async () => {
      const upload = await begin(service, { project: freshProject(), size: 5 });
      await finish(service, upload.id, await sendAll(service, upload, Buffer.from("hello")));
      expect(await service.refusal(abort, { input: { id: upload.id } })).toMatchObject({
        code: "ILLEGAL_TRANSITION",
        from: "COMPLETE",
        to: "FAILED",
      });
    });

    it("an upload that was abandoned for long is dropped", async () => {
      const before = await kept.objects();
      const upload = await begin(service, { project: freshProject(), size: 5 });
      expect(Date.parse(upload.expiresAt)).toBeGreaterThan(Date.now() + 6 * 86_400_000);
      await sendAll(service, upload, Buffer.from("hello"));
      ahead += 8 * 86_400_000;
      await expect
        .poll(() => look(service, upload.id), { timeout: 20_000 })
        .toMatchObject({ state: "FAILED", error: "it was not completed before it expired" });
      await expect.poll(() => kept.objects(), { timeout: 20_000 }).toEqual(before);
      ahead += 8 * 86_400_000;
      await expect.poll(() => look(service, upload.id), { timeout: 20_000 }).toBeNull();
    });

    it("an unknown upload is null", async () => {
      expect(await look(service, "nobody")).toBeNull();
      const nobody = { input: { id: "nobody", parts: [] } };
      expect(await service.refusal(complete, nobody)).toMatchObject({ code: "NOT_FOUND" });
    });
  },
);

describe("uploads of another actor", () => {
  it("an upload of another actor is open only to maintainers of the project", async () => {
    const project = freshProject();
    const service = await startTestService(engines[0], await tokens(project));
    const upload = await begin(service, { project, size: 5 }, "ada");
    const [part] = upload.parts as [Part];
    const refused = { code: "FORBIDDEN", permission: "upload:others" };
    const input = { id: upload.id };
    for (const other of ["ben", "eve"]) {
      for (const [query, variables] of [
        [byId, input],
        ["query ($id: ID!) { node(id: $id) { id } }", input],
        [complete, { input: { ...input, parts: [] } }],
        [abort, { input }],
      ] as const)
        expect(await service.refusal(query, variables, other)).toMatchObject(refused);
      const answer = await send(service, part, Buffer.from("hello"), other);
      expect([answer.status, await answer.json()]).toMatchObject([403, refused]);
    }
    expect(await look(service, upload.id, "mia")).toMatchObject({ state: "OPEN" });
    const reader = "ada-reads";
    expect(await look(service, upload.id, reader)).toMatchObject({ state: "OPEN" });
    const late = await send(service, part, Buffer.from("hello"), reader);
    expect([late.status, await late.json()]).toMatchObject([403, { permission: "blob:write" }]);
    expect((await send(service, part, Buffer.from("hello"), "ada")).status).toBe(200);
    expect(await service.refusal(create, { input: { project, size: 1 } }, "eve")).toMatchObject({ code: "FORBIDDEN" });
    await service.close();
  });
});

describe("parts sent through the service", () => {
  let service: TestService;
  let upload: Upload;
  beforeAll(async () => {
    service = await startTestService(engines[0]);
    upload = await begin(service, { project: freshProject(), size: partSize + 3, partSize });
  });
  afterAll(() => service.close());
  const put = (number: string, body: Buffer | ReadableStream) =>
    fetch(`${service.url}/uploads/${upload.id}/parts/${number}`, {
      method: "PUT",
      body,
      duplex: "half",
    } as RequestInit);
  const chunked = (text: string) => new Blob([text]).stream();

  it.each([
    ["0", Buffer.from("abc"), "number"],
    ["3", Buffer.from("abc"), "number"],
    ["1.5", Buffer.from("abc"), "number"],
    ["x", Buffer.from("abc"), "number"],
    ["0x2", Buffer.from("abc"), "number"],
    ["2", Buffer.from("ab"), "Content-Length"],
    ["2", Buffer.from("abcd"), "Content-Length"],
  ])("a part is refused with the number %s and the bytes %s", async (number, body, field) => {
    const answer = await put(number, body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: "INVALID_INPUT", field });
  });

  it.each(["ab", "abcd"])("a part is refused when only %s arrives, and its earlier bytes are gone", async (text) => {
    expect((await put("2", Buffer.from("abc"))).status).toBe(200);
    const answer = await put("2", chunked(text));
    expect(await answer.json()).toMatchObject({ code: "INVALID_INPUT", field: "Content-Length" });
    expect((await look(service, upload.id))?.parts.map(({ uploaded }) => uploaded)).toEqual([false, false]);
  });

  it("a part that is sent twice at once keeps the bytes of one request", async () => {
    const held = new TransformStream<Uint8Array, Uint8Array>();
    const writer = held.writable.getWriter();
    const early = put("2", held.readable)
      .then((answer) => answer.json())
      .catch(() => ({ code: "CONFLICT" }));
    await writer.write(Buffer.from("x"));
    expect((await put("2", Buffer.from("new"))).status).toBe(200);
    await writer.write(Buffer.from("yz")).catch(() => undefined);
    await writer.close().catch(() => undefined);
    expect((await early) as object).toSatisfy((answer: object) => !("code" in answer) || answer.code === "CONFLICT");
    const etag = createHash("sha256").update("new").digest("hex");
    const second = (await look(service, upload.id))?.parts[1];
    const late = createHash("sha256").update("xyz").digest("hex");
    expect([etag, late]).toContain(second?.etag);
  });
});
