import { createHash } from "node:crypto";
import contentDisposition from "content-disposition";
import { describe, expect, it } from "vitest";
import { leak, strayDigest, useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const json = { "content-type": "application/json" };
function sha(text: string) {
  return createHash("sha256").update(text).digest();
}
function digestOf(text: string) {
  return `sha256:${sha(text).toString("hex")}`;
}
function contentDigest(text: string) {
  return { "content-digest": `sha-256=:${sha(text).toString("base64")}:` };
}

describeEngines("HTTP routes", (engine) => {
  const api = useApi(engine);
  const problem = async (path: string, init?: RequestInit) => {
    const response = await api.http(path, init);
    const body = (await response.json()) as Record<string, unknown>;
    expect(response.headers.get("content-type")).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({ status: response.status, title: body.code, detail: expect.any(String) });
    expect(JSON.stringify(body)).not.toMatch(leak);
    return { ...body, status: response.status };
  };
  /** Requests to /graphql that are refused before their document is parsed still get a GraphQL response. */
  const graphqlProblem = async (init: RequestInit, actor?: null) => {
    const response = await api.http("/graphql?query={__typename}", init, actor);
    const body = (await response.json()) as { errors: { message: string; extensions: object }[] };
    expect(response.headers.get("content-type")).toMatch(/^application\/json/);
    expect(body).toEqual({ errors: [{ message: expect.any(String), extensions: expect.any(Object) }] });
    expect(JSON.stringify(body)).not.toMatch(leak);
    return { ...body.errors[0]?.extensions, status: response.status };
  };
  const put = (project: string, body: string, headers = {}) =>
    api.http(`/blobs?project=${project}`, { method: "PUT", body, headers });

  describe("PUT /blobs", () => {
    it("PUT /blobs answers 201, and 200 for the same bytes again, with digest and size", async () => {
      const [project, other] = [freshProject(), freshProject()];
      const stored = { digest: digestOf(project), size: project.length };
      for (const [name, status] of [
        [project, 201],
        [project, 200],
        [other, 201],
      ] as const) {
        const response = await put(name, project, contentDigest(project));
        expect([response.status, await response.json()]).toEqual([status, stored]);
      }
    });

    it("PUT /blobs accepts empty bodies, any content type, and a digest among others", async () => {
      const project = freshProject();
      expect(await (await put(project, "")).json()).toEqual({ digest: digestOf(""), size: 0 });
      const response = await put(project, "{}", {
        ...json,
        "content-digest": `sha-512=:AAAA:, ${contentDigest("{}")["content-digest"]}`,
      });
      expect([response.status, await response.json()]).toEqual([201, { digest: digestOf("{}"), size: 2 }]);
    });

    it("PUT /blobs refuses bytes that do not match their Content-Digest, and stores nothing", async () => {
      const project = freshProject();
      for (const headers of [
        contentDigest("other"),
        { "content-digest": "sha-256=:short:" },
        { "content-digest": "nonsense" },
      ]) {
        const response = await put(project, "bytes", headers);
        expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([400, "INVALID_INPUT"]);
      }
      expect((await api.http(`/blobs/${digestOf("bytes")}?project=${project}`)).status).toBe(404);
      expect(await api.inventory(project)).toMatchObject({ project: null });
    });

    it("PUT /blobs refuses files over the limit, declared or not, and invalid project names", async () => {
      const project = freshProject();
      const long = "x".repeat(100_001);
      expect(await problem(`/blobs?project=${project}`, { method: "PUT", body: long })).toMatchObject({
        status: 413,
        code: "TOO_LARGE",
        limit: 100_000,
      });
      const source = new ReadableStream({
        start: (controller) => {
          for (let i = 0; i < 11; i++) controller.enqueue(new Uint8Array(10_000));
          controller.close();
        },
      });
      const streamed = { method: "PUT", body: source, duplex: "half" } as RequestInit;
      expect(await problem(`/blobs?project=${project}`, streamed)).toMatchObject({
        status: 413,
        code: "TOO_LARGE",
        limit: 100_000,
      });
      expect(await problem("/blobs", { method: "PUT", body: "x" })).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "project",
      });
      expect(await problem("/blobs?project=a%2Fb", { method: "PUT", body: "x" })).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "project",
      });
      expect(await api.inventory(project)).toMatchObject({ project: null });
      expect((await put(project, long.slice(1))).status).toBe(201);
    });
  });

  describe("HEAD and GET /blobs", () => {
    it("GET /blobs serves the bytes of the project, and HEAD their size", async () => {
      const project = freshProject();
      await put(project, "some bytes");
      const path = `/blobs/${digestOf("some bytes")}?project=${project}`;
      const head = await api.http(path, { method: "HEAD" });
      expect([head.status, head.headers.get("content-length"), await head.text()]).toEqual([200, "10", ""]);
      const got = await api.http(path);
      expect([got.status, got.headers.get("content-length"), await got.text()]).toEqual([200, "10", "some bytes"]);
      expect(got.headers.get("x-content-type-options")).toBe("nosniff");
    });

    it("GET and HEAD /blobs refuse unknown and malformed digests", async () => {
      const project = freshProject();
      await put(project, "x");
      expect(await problem(`/blobs/${strayDigest}?project=${project}`)).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
      });
      expect(await problem(`/blobs/${digestOf("x")}?project=${freshProject()}`)).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
      });
      expect(await problem(`/blobs/sha256:x?project=${project}`)).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "digest",
      });
      expect(await problem(`/blobs/${digestOf("x")}`)).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "project",
      });
      expect((await api.http(`/blobs/${strayDigest}?project=${project}`, { method: "HEAD" })).status).toBe(404);
    });
  });

  describe("GET /versions/<ref>/files/<path>", () => {
    it.each(["plain.txt", "a b/日本語 #1?.csv", "100%/x%2Fy.html", "q'(1)*.svg", "\u{1F600}.json", "a+b&c=d;e.bin"])(
      "the file %s is served so that browsers never run it",
      async (path) => {
        const project = freshProject();
        const bytes = `${path} in ${project}`;
        const digest = await api.put(project, bytes);
        const { version } = await api.log({ project, name: "odd: @name", files: [{ path, digest }] });
        const { files } = await api.version(version.id);
        for (const ref of [version.id, version.uri, `${project}/odd%3A %40name:1`, digest]) {
          const url = `/versions/${encodeURIComponent(ref)}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
          if (ref === version.id) expect(files[0]?.url).toBe(url);
          const response = await api.http(url);
          expect([response.status, await response.text()]).toEqual([200, bytes]);
          expect(Object.fromEntries(response.headers)).toMatchObject({
            "content-length": String(Buffer.byteLength(bytes)),
            "content-disposition": expect.stringMatching(/^attachment;/),
            "x-content-type-options": "nosniff",
            "content-security-policy": expect.stringContaining("sandbox"),
            etag: `"${digest}"`,
          });
          const { filename } = contentDisposition.parse(response.headers.get("content-disposition") ?? "").parameters;
          expect(filename).toBe(path.split("/").at(-1));
        }
      },
    );

    it("a file of an unknown or malformed reference or path is refused, and one of a deleted version is GONE", async () => {
      const project = freshProject();
      const digest = await api.put(project, "x");
      const { version } = await api.log({ project, name: "a", files: [{ path: "f.txt", digest }] });
      expect(await problem(`/versions/${version.id}/files/g.txt`)).toMatchObject({ status: 404, code: "NOT_FOUND" });
      expect(await problem(`/versions/${project}%2Fnone/files/f.txt`)).toMatchObject({
        status: 404,
        code: "NOT_FOUND",
      });
      expect(await problem("/versions/abc/files/f.txt")).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "ref",
      });
      expect(await problem(`/versions/${version.id}/files/a%2F..%2Ff.txt`)).toMatchObject({
        status: 400,
        code: "INVALID_INPUT",
        field: "path",
      });
      await api.log({ project, name: "b", files: [{ path: "f.txt", digest }] });
      expect(await problem(`/versions/${digest}/files/f.txt`)).toMatchObject({
        status: 409,
        code: "AMBIGUOUS",
        candidates: expect.any(Array),
      });
      await api.meddle("MATCH (v:Version {id: $id}) SET v.state = 'DELETED'", { id: version.id });
      expect(await problem(`/versions/${version.id}/files/f.txt`)).toMatchObject({ status: 410, code: "GONE" });
    });
  });

  it("an unknown route is NOT_FOUND", async () => {
    expect(await problem("/nothing/here")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  });

  it("a request to /graphql without a token or with a body that is no JSON gets a GraphQL error", async () => {
    expect(await graphqlProblem({}, null)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    const body = { method: "POST", headers: json, body: "{ not json" };
    expect(await graphqlProblem(body)).toMatchObject({ status: 400, code: "INVALID_INPUT" });
  });

  it("every route is FORBIDDEN to pages of other hosts, and open to local ones", async () => {
    const evil = { headers: { origin: "https://evil.example" } };
    const forbidden = { status: 403, code: "FORBIDDEN", permission: expect.any(String) };
    for (const path of ["/health/live", `/blobs/${strayDigest}?project=p`])
      expect(await problem(path, evil)).toMatchObject(forbidden);
    expect(await graphqlProblem(evil)).toMatchObject(forbidden);
    expect(
      (await api.http("/graphql?query={__typename}", { headers: { origin: "http://localhost:5173" } })).status,
    ).toBe(200);
  });
});
