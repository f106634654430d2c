import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { describeStores, type Kept } from "../support/stores.ts";
import { begin, finish, send } from "./upload-calls.ts";

const logVersion = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
const [small, large] = [1_000, 200_000];

describeStores("lost contents", (store) => {
  describeEngines("lost contents", (engine) => {
    let service: TestService;
    let kept: Kept;
    beforeAll(async () => {
      kept = await store.open();
      await kept.store.check();
      // Without a cache every read looks into the store.
      const env = { LOG_LEVEL: "silent", PEDIGREE_CACHE_BYTES: "0" };
      service = await startTestService(engine, env, { blobs: kept.store });
    });
    afterAll(async () => {
      await service?.close();
      await kept?.end();
    });

    const put = async (project: string, bytes: Buffer) => {
      const answer = await fetch(`${service.url}/blobs?project=${project}`, { method: "PUT", body: bytes });
      return { status: answer.status, ...((await answer.json()) as { digest: string }) };
    };
    const log = async (project: string, digest: string): Promise<string> => {
      const input = { project, name: "m", files: [{ path: "f", digest }] };
      return (await service.data<{ logVersion: { version: { id: string } } }>(logVersion, { input })).logVersion.version
        .id;
    };
    const read = async (id: string): Promise<Buffer | number> => {
      try {
        const answer = await fetch(`${service.url}/versions/${id}/files/f`);
        const bytes = Buffer.from(await answer.arrayBuffer());
        return answer.status === 200 ? bytes : answer.status;
      } catch {
        return 0; // broken off
      }
    };
    /** The content of a version of a new project; no other is in the store. */
    const furnish = async (size: number) => {
      await removeAll();
      const [project, bytes] = [freshProject(), randomBytes(size)];
      const { digest } = await put(project, bytes);
      return { project, bytes, digest, id: await log(project, digest) };
    };
    const keys = async () => {
      const found: string[] = [];
      for await (const { key } of kept.store.list()) found.push(key);
      return found;
    };
    const removeAll = async () => {
      for (const key of await keys()) await kept.store.remove(key);
    };

    it.each([small, large])("removed bytes that are sent again are stored again (%i bytes)", async (size) => {
      const { project, bytes, digest, id } = await furnish(size);
      await removeAll();
      expect((await put(project, bytes)).status).toBe(201);
      expect(await read(id)).toEqual(bytes);
      expect(await read(await log(project, digest))).toEqual(bytes);
      expect(await keys()).toHaveLength(1);
      expect((await put(project, bytes)).status).toBe(200);
      expect(await keys()).toHaveLength(1);
    });

    it.each([
      ["changed", small, (bytes: Buffer) => Buffer.concat([bytes.subarray(1), bytes.subarray(0, 1)])],
      ["shorter", large, (bytes: Buffer) => bytes.subarray(1)],
      ["longer", large, (bytes: Buffer) => Buffer.concat([bytes, bytes])],
      ["empty", large, () => Buffer.alloc(0)],
    ])("%s bytes (of %3$i) that nobody has read are replaced when they are sent again", async (_how, size, change) => {
      const { project, bytes, id } = await furnish(size);
      await kept.damage(change);
      expect((await put(project, bytes)).status).toBe(201);
      expect(await read(id)).toEqual(bytes);
      expect(await keys()).toHaveLength(1);
    });

    it("large bytes that a download found changed are replaced when they are sent again", async () => {
      const { project, bytes, id } = await furnish(large);
      await kept.damage((found) => Buffer.concat([found.subarray(1), found.subarray(0, 1)]));
      expect(await read(id)).toBe(0);
      expect((await put(project, bytes)).status).toBe(201);
      expect(await read(id)).toEqual(bytes);
    });

    it("a version of bytes that are known to be missing is refused until they are stored again", async () => {
      const { project, bytes, digest, id } = await furnish(small);
      await removeAll();
      expect(await read(id)).toBe(410);
      const input = { project, name: "other", files: [{ path: "f", digest }] };
      const refused = { code: "GONE", message: expect.stringContaining("files[0].digest") };
      expect(await service.refusal(logVersion, { input })).toMatchObject(refused);
      await put(project, bytes);
      expect(await read(await log(project, digest))).toEqual(bytes);
    });

    it("bytes that were put back behind the service are accepted once they are sent again", async () => {
      const { project, bytes, digest, id } = await furnish(large);
      const [key = ""] = await keys();
      await kept.store.remove(key);
      expect(await read(id)).toBe(410);
      await kept.store.write(key, Readable.from([bytes], { objectMode: false }));
      expect(await read(id)).toEqual(bytes);
      expect((await put(project, bytes)).status).toBe(200);
      expect(await keys()).toEqual([key]);
      expect(await read(await log(project, digest))).toEqual(bytes);
    });

    it("a form and an upload in parts put lost bytes back, too", async () => {
      const { project, bytes, digest, id } = await furnish(large);
      await removeAll();
      expect(await read(id)).toBe(410);
      const form = new FormData();
      form.append("version", JSON.stringify({ project, name: "form" }));
      form.append("file", new Blob([new Uint8Array(bytes)]), "f");
      expect((await fetch(`${service.url}/versions`, { method: "POST", body: form })).status).toBe(201);
      expect(await read(id)).toEqual(bytes);
      await removeAll();
      const upload = await begin(service, { project, size: bytes.length, digest });
      const [part] = upload.parts;
      if (!part) throw new Error("the upload has no part");
      const sent = await send(service, part, bytes);
      const ended = await finish(service, upload.id, [{ number: 1, etag: sent.headers.get("etag") }]);
      expect(ended.state).toBe("COMPLETE");
      expect(await read(id)).toEqual(bytes);
    });

    it("lost bytes that are sent several times at once are stored once", async () => {
      const { project, bytes, id } = await furnish(large);
      await removeAll();
      const answers = await Promise.all(Array.from({ length: 8 }, () => put(project, bytes)));
      expect(answers.filter(({ status }) => status === 201).length).toBeGreaterThanOrEqual(1);
      expect(answers.every(({ status }) => status === 200 || status === 201)).toBe(true);
      expect(await read(id)).toEqual(bytes);
      expect(await keys()).toHaveLength(1);
    });
  });
});
