import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEach, engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { type Kept, stores } from "../support/stores.ts";

function digestOf(bytes: Buffer | string) {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}
const filesOf = "query ($ref: VersionRef!) { version(ref: $ref) { kind metadata files { path digest size } } }";
const countOf =
  "query ($project: String!) { versions(filter: { project: { eq: $project } }) { totalCount } project(name: $project) { id } }";
type Files = { version: { kind: string; metadata: object; files: { path: string; digest: string; size: number }[] } };

function form(version: unknown, files: Record<string, Buffer | string>): FormData {
  const data = new FormData();
  if (version !== undefined) data.append("version", typeof version === "string" ? version : JSON.stringify(version));
  for (const [path, bytes] of Object.entries(files)) data.append("file", new Blob([bytes]), path);
  return data;
}

const combinations = engines.flatMap((engine) =>
  stores.map((store) => ({
    engine,
    store,
    name: `${engine.name} and ${store.name}`,
    missing: engine.missing || store.missing,
  })),
);

describeEach(
  combinations,
  ({ name }) => `POST /versions on ${name}`,
  ({ engine, store }) => {
    let service: TestService;
    let kept: Kept;
    beforeAll(async () => {
      kept = await store.open();
      await kept.store.check();
      const env = { PEDIGREE_MAX_FILE_BYTES: "3000000", PEDIGREE_MAX_FILES: "50", LOG_LEVEL: "silent" };
      service = await startTestService(engine, env, { blobs: kept.store });
    });
    afterAll(async () => {
      await service?.close();
      await kept?.end();
    });

    const post = async (body: FormData | string | Buffer, headers: Record<string, string> = {}) => {
      const response = await fetch(`${service.url}/versions`, { method: "POST", body, headers });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    /** What a refused form left behind: objects in the store, and the project. */
    const leftBy = async (project: string, work: () => Promise<unknown>) => {
      const before = new Set(await kept.objects());
      await work();
      const answer = await service.data<{ versions: { totalCount: number }; project: unknown }>(countOf, { project });
      const objects = (await kept.objects()).filter((object) => !before.has(object));
      return { objects, versions: answer.versions.totalCount };
    };
    const nothing = { objects: [], versions: 0 };

    it("a form keeps its paths, large and small files, and the description of the version", async () => {
      const project = freshProject();
      const files: Record<string, Buffer | string> = {
        "a.txt": "hello",
        "sub/dir/日本 語.bin": randomBytes(2_500_000),
        'sub/100% "q".csv': "a,b\n",
        empty: "",
        ...Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`many/${i}`, `${i} in ${project}`])),
      };
      const input = { project, name: "data", kind: "DATASET", metadata: { rows: 3 }, tags: ["x"] };
      const { status, body } = await post(form(input, files));
      expect(status).toBe(201);
      expect(body).toEqual({
        id: expect.any(String),
        uri: `store://dataset/${project}/data:1`,
        number: 1,
        digest: expect.stringMatching(/^sha256:/),
        created: true,
      });
      const { version } = await service.data<Files>(filesOf, { ref: body.id });
      expect(version.metadata).toEqual({ rows: 3 });
      const named = (path: string) => path.replaceAll('"', "%22");
      expect(Object.fromEntries(version.files.map(({ path, digest, size }) => [path, { digest, size }]))).toEqual(
        Object.fromEntries(
          Object.entries(files).map(([path, bytes]) => [
            named(path),
            { digest: digestOf(bytes), size: Buffer.byteLength(bytes) },
          ]),
        ),
      );
      const url = `${service.url}/versions/${body.id}/files/sub/dir/${encodeURIComponent("日本 語.bin")}`;
      const back = Buffer.from(await (await fetch(url)).arrayBuffer());
      expect(back.equals(files["sub/dir/日本 語.bin"] as Buffer)).toBe(true);
    });

    it("a form is logged once for a key, accepts files by digest, and stores equal files once", async () => {
      const project = freshProject();
      const digest = await service.put(project, "there already");
      const input = { project, name: "a", key: "k", files: [{ path: "old", digest }] };
      const files = { new: "x1", same: "x1", known: "there already" };
      const left = await leftBy(project, async () => {
        const first = await post(form(input, files));
        expect(first).toMatchObject({ status: 201, body: { created: true } });
        expect(await post(form(input, files))).toEqual({ status: 201, body: { ...first.body, created: false } });
        const other = await post(form(input, { ...files, same: "x2" }));
        expect(other).toMatchObject({ status: 409, body: { code: "CONFLICT" } });
      });
      expect(left.versions).toBe(1);
      expect(left.objects).toHaveLength(2); // x1, and x2 of the call that was refused: unused, it is swept
    });

    it.each([
      ["no JSON", "{", {}, { status: 400, code: "INVALID_INPUT", field: "version" }],
      ["no version first", undefined, { a: "x" }, { status: 400, code: "INVALID_INPUT", field: "version" }],
      ["an unknown field", { name: "a", colour: "red" }, { a: "x" }, { status: 400, code: "INVALID_INPUT" }],
      ["a wrong type", { name: 3 }, { a: "x" }, { status: 400, code: "INVALID_INPUT", field: "name" }],
      ["a wrong kind", { name: "a", kind: "CAT" }, { a: "x" }, { status: 400, code: "INVALID_INPUT", field: "kind" }],
      ["a bad name", { name: "/a" }, { a: "x" }, { status: 400, code: "INVALID_INPUT", field: "name" }],
      ["a path that is a directory too", { name: "a" }, { a: "x", "a/b": "y" }, { status: 400, code: "INVALID_INPUT" }],
      [
        "a file that is too large",
        { name: "a" },
        { a: "x", b: Buffer.alloc(3_000_001) },
        { status: 413, code: "TOO_LARGE", limit: 3_000_000 },
      ],
      [
        "too many files",
        { name: "a" },
        Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, `${i}`])),
        { status: 413, code: "TOO_LARGE", limit: 50 },
      ],
      ["an input that isn't there", { name: "a", inputs: ["none/x:1"] }, {}, { status: 404, code: "NOT_FOUND" }],
      ...[
        ["../x", "..\\x", "/etc/passwd", "a//b", "a/../../b", "C:\\x", "C:/x", "a/.", "%2e%2e/x", "%252e%252e%252fx"],
        ["..%5cx", "a%00", "x".repeat(4_096), "a/"],
      ]
        .flat()
        .map(
          (path) =>
            [
              path.slice(0, 20),
              { name: "a" },
              { ok: "y", [path]: "x" },
              { status: 400, code: "INVALID_INPUT", field: "file[1]" },
            ] as const,
        ),
    ] as [string, object | string | undefined, Record<string, string>, object][])(
      "a form with %s is refused and leaves nothing",
      async (_what, version, files, refusal) => {
        const project = freshProject();
        const input = typeof version === "object" ? { project, ...version } : version;
        const left = await leftBy(project, async () => {
          const { status, body } = await post(form(input, files));
          expect({ ...body, status }).toMatchObject(refusal);
        });
        expect(left).toEqual(nothing);
      },
    );

    it("a form with a duplicate path, an unknown part or a file without a name is refused, and so is a body that is no form", async () => {
      const project = freshProject();
      const base = () => form({ project, name: "a" }, { a: "x" });
      const refused = async (change: (data: FormData) => void) => {
        const data = base();
        change(data);
        return (await post(data)).body;
      };
      const left = await leftBy(project, async () => {
        expect(await refused((data) => data.append("file", new Blob(["y"]), "a"))).toMatchObject({
          code: "INVALID_INPUT",
          field: "file[1]",
        });
        expect(await refused((data) => data.append("other", "y"))).toMatchObject({
          code: "INVALID_INPUT",
          field: "other",
        });
        expect(await refused((data) => data.append("file", "y"))).toMatchObject({
          code: "INVALID_INPUT",
          field: "file[1]",
        });
        expect((await post("x")).body).toMatchObject({ code: "INVALID_INPUT", field: "Content-Type" });
        const multipart = { "content-type": "multipart/form-data; boundary=b" };
        expect((await post("nothing like it", multipart)).body).toMatchObject({ code: "INVALID_INPUT" });
        const cut = `--b\r\ncontent-disposition: form-data; name="version"\r\n\r\n${JSON.stringify({ project, name: "a" })}\r\n--b\r\ncontent-disposition: form-data; name="file"; filename="f"\r\n\r\nby`;
        expect((await post(cut, multipart)).body).toMatchObject({ code: "INVALID_INPUT" });
        // An unpaired surrogate as bytes, and Latin-1: both would decode to other names.
        for (const name of ["\xed\xa0\x80", "caf\xe9"]) {
          const other = Buffer.from(`${cut.replace('filename="f"', `filename="${name}"`)}\r\n--b--\r\n`, "latin1");
          expect((await post(other, multipart)).body).toMatchObject({ code: "INVALID_INPUT", field: "file[0]" });
        }
      });
      expect(left).toEqual(nothing);
    });

    it("a form whose client goes away leaves nothing", async () => {
      const project = freshProject();
      const left = await leftBy(project, async () => {
        const socket = connect(Number(new URL(service.url).port), "127.0.0.1");
        const part = (name: string) => `--b\r\ncontent-disposition: form-data; name="${name}"`;
        const version = JSON.stringify({ project, name: "a" });
        const file = `${part("file")}; filename="f"\r\n\r\n${"x".repeat(1_000_000)}`;
        socket.write(
          `POST /versions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000\r\n\r\n${part("version")}\r\n\r\n${version}\r\n${file}`,
        );
        await once(socket, "drain");
        socket.destroy();
        await once(socket, "close");
      });
      await expect.poll(async () => (await leftBy(project, async () => undefined)).versions).toBe(0);
      expect(left.versions).toBe(0);
      const after = new Set(left.objects);
      await expect.poll(async () => (await kept.objects()).filter((object) => after.has(object))).toEqual([]);
    });

    it("a form can be sent with curl alone", async () => {
      const project = freshProject();
      const folder = await mkdtemp(join(tmpdir(), "pedigree-curl-"));
      await mkdir(join(folder, "sub"));
      await writeFile(join(folder, "sub", "x.csv"), "a,b\n1,2\n");
      const version = JSON.stringify({ project, name: "with/curl" });
      const args = ["-s", "-F", `version=${version};type=application/json`, "-F", "file=@sub/x.csv;filename=sub/x.csv"];
      const { stdout } = await promisify(execFile)("curl", [...args, `${service.url}/versions`], { cwd: folder });
      expect(JSON.parse(stdout)).toMatchObject({ number: 1, created: true });
      const back = await fetch(`${service.url}/versions/${encodeURIComponent(`${project}/with/curl`)}/files/sub/x.csv`);
      expect(await back.text()).toBe("a,b\n1,2\n");
      await rm(folder, { recursive: true });
    });
  },
);
