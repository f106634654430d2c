import { expect, it } from "vitest";
import { callsOf, onEngines } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

const [past, future] = ["Mon, 01 Jan 2001 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"];

interface Case {
  what: string;
  headers: (etag: string) => Record<string, string>;
  status: number;
  /** The status where the time of the last change is not known. */
  timeless?: number;
}

/** Conditions in the order of RFC 9110, section 13.2.2, with the status that they lead to. */
const cases: Case[] = [
  { what: "If-Match with the entity tag", headers: (etag) => ({ "if-match": etag }), status: 200 },
  { what: "If-Match with it among others", headers: (etag) => ({ "if-match": `"a,b", ${etag}` }), status: 200 },
  { what: "If-Match with *", headers: () => ({ "if-match": "*" }), status: 200 },
  { what: "If-Match with another", headers: () => ({ "if-match": '"a", "b"' }), status: 412 },
  { what: "If-Match with a weak one", headers: (etag) => ({ "if-match": `W/${etag}` }), status: 412 },
  {
    what: "If-Match before If-None-Match",
    headers: (etag) => ({ "if-match": '"a"', "if-none-match": etag }),
    status: 412,
  },
  { what: "If-Match and If-None-Match", headers: (etag) => ({ "if-match": etag, "if-none-match": etag }), status: 304 },
  {
    what: "If-Match instead of If-Unmodified-Since",
    headers: (etag) => ({ "if-match": etag, "if-unmodified-since": past }),
    status: 200,
  },
  {
    what: "If-Unmodified-Since before the change",
    headers: () => ({ "if-unmodified-since": past }),
    status: 412,
    timeless: 200,
  },
  { what: "If-Unmodified-Since after it", headers: () => ({ "if-unmodified-since": future }), status: 200 },
  { what: "If-Unmodified-Since without a time", headers: () => ({ "if-unmodified-since": "then" }), status: 200 },
  {
    what: "If-Unmodified-Since before If-None-Match",
    headers: (etag) => ({ "if-unmodified-since": past, "if-none-match": etag }),
    status: 412,
    timeless: 304,
  },
  { what: "If-None-Match with the entity tag", headers: (etag) => ({ "if-none-match": etag }), status: 304 },
  { what: "If-None-Match with a weak one", headers: (etag) => ({ "if-none-match": `"a", W/${etag}` }), status: 304 },
  { what: "If-None-Match with *", headers: () => ({ "if-none-match": "*" }), status: 304 },
  { what: "If-None-Match with another", headers: () => ({ "if-none-match": '"a"' }), status: 200 },
  {
    what: "If-None-Match instead of If-Modified-Since",
    headers: () => ({ "if-none-match": '"a"', "if-modified-since": future }),
    status: 200,
  },
  {
    what: "If-Modified-Since after the change",
    headers: () => ({ "if-modified-since": future }),
    status: 304,
    timeless: 200,
  },
  { what: "If-Modified-Since before it", headers: () => ({ "if-modified-since": past }), status: 200 },
];

onEngines("conditions of requests", (service) => {
  const furnish = async () => {
    const project = freshProject();
    const digest = await service().put(project, "0123456789");
    const { id } = await callsOf(service()).log({ project, name: "m", files: [{ path: "a.txt", digest }] });
    const latest = encodeURIComponent(`${project}/m`);
    return {
      project,
      timed: [
        `/versions/${id}/files/a.txt`,
        `/versions/${latest}%3A1/files/a.txt`,
        `/versions/${id}/archive.zip`,
        `/versions/${id}/archive.tar`,
      ],
      timeless: [
        `/versions/${latest}/files/a.txt`,
        `/versions/${latest}/archive.zip`,
        `/blobs/${digest}?project=${project}`,
        ...["metadata.json", "metadata.yaml", "recipe.json", "ro-crate-metadata.json"].map(
          (name) => `/versions/${id}/${name}`,
        ),
      ],
    };
  };
  const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
    fetch(`${service().url}${path}`, { headers, method });

  const readTag = async (path: string) => {
    const first = await ask(path);
    await first.arrayBuffer();
    const etag = first.headers.get("etag") ?? "";
    expect([path, first.status, etag]).toEqual([path, 200, expect.stringMatching(/^"[^"]+"$/)]);
    return { etag, hasTime: first.headers.has("last-modified") };
  };
  const check = async (path: string, method: string, etag: string, hasTime: boolean) => {
    for (const { what, headers, status, timeless } of cases) {
      const answer = await ask(path, headers(etag), method);
      const expected = hasTime ? status : (timeless ?? status);
      expect([path, method, what, answer.status]).toEqual([path, method, what, expected]);
      const body = await answer.text();
      if (expected === 304) expect([body, answer.headers.get("etag")]).toEqual(["", etag]);
      if (expected !== 412 || method === "HEAD") continue;
      expect(JSON.parse(body)).toMatchObject({ status: 412, code: "CONFLICT", actual: etag });
    }
  };

  it.each(["GET", "HEAD"])(
    "%s of files, blobs, archives and documents keeps to the order of RFC 9110",
    async (method) => {
      const { timed, timeless } = await furnish();
      for (const path of [...timed, ...timeless]) {
        const { etag, hasTime } = await readTag(path);
        expect([path, hasTime]).toEqual([path, timed.includes(path)]);
        await check(path, method, etag, hasTime);
      }
    },
  );

  it("a download in ranges never gets halves of two versions", async () => {
    const { project, timeless } = await furnish();
    const path = timeless[0] ?? "";
    const first = await ask(path, { range: "bytes=0-4" });
    const etag = first.headers.get("etag") ?? "";
    expect([first.status, await first.text()]).toEqual([206, "01234"]);
    const digest = await service().put(project, "abcdefghij");
    await callsOf(service()).log({ project, name: "m", files: [{ path: "a.txt", digest }] });
    const rest = { range: "bytes=5-9" };
    expect((await ask(path, { ...rest, "if-match": etag })).status).toBe(412);
    expect((await ask(path, { ...rest, "if-range": etag })).status).toBe(200);
    const now = (await ask(path)).headers.get("etag") ?? "";
    expect(await (await ask(path, { ...rest, "if-match": now })).text()).toBe("fghij");
  });

  it("an archive has the same bytes as long as it has the same entity tag", async () => {
    const project = freshProject();
    const digests = await Promise.all(["x", "y", "z"].map((bytes) => service().put(project, bytes)));
    const files = digests.map((digest, i) => ({ path: `d/${i}`, digest }));
    const { id } = await callsOf(service()).log({ project, name: "m", files });
    for (const form of ["zip", "tar"]) {
      const seen = new Set<string>();
      for (let i = 0; i < 4; i++) {
        const answer = await ask(`/versions/${id}/archive.${form}`);
        seen.add(`${answer.headers.get("etag")} ${Buffer.from(await answer.arrayBuffer()).toString("base64")}`);
      }
      expect(seen.size).toBe(1);
      const part = await ask(`/versions/${id}/archive.${form}?path=d`);
      await part.arrayBuffer();
      expect([...seen][0]).not.toContain(part.headers.get("etag"));
    }
  });
});
