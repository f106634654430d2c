import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { collectGarbage } from "../../src/domain/blobs/garbage-collection.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { type Kept, stores } from "../support/stores.ts";

const limit = 10_000;
const [disk] = stores;

it("a version has as many files as the setting says, also more than other lists may have", async () => {
  const most = 10_001;
  const service = await startTestService(engines[0], { PEDIGREE_MAX_FILES: String(most) });
  const project = freshProject();
  const digest = await service.put(project, "x");
  const files = Array.from({ length: most }, (_, i) => ({ path: `f${i}`, digest }));
  const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { size } } }";
  const logged = await service.data(log, { input: { project, name: "a", files } });
  expect(logged).toEqual({ logVersion: { version: { size: most } } });
  const more = [...files, { path: "more", digest }];
  const refused = { code: "TOO_LARGE", limit: most };
  expect(await service.refusal(log, { input: { project, name: "a", files: more } })).toMatchObject(refused);
  await service.close();
});

describe.each(engines)("the bytes of a project, on $name", (engine) => {
  describe.skipIf(engine.missing)("", () => {
    let service: TestService;
    let graph: GraphStore;
    let kept: Kept;
    const start = () =>
      startTestService(
        engine,
        { PEDIGREE_PROJECT_BYTES: String(limit) },
        { graph: { ...graph, close: async () => undefined }, blobs: kept.store },
      );
    beforeAll(async () => {
      kept = await (disk as (typeof stores)[number]).open();
      graph = engine.name === "grafeo" ? await grafeoStore({ shuffle: true }) : await engine.open();
      service = await start();
    });
    afterAll(async () => {
      await service?.close();
      await graph?.close();
      await kept?.end();
    });

    const put = async (project: string, bytes: string) => {
      const response = await fetch(`${service.url}/blobs?project=${project}`, { method: "PUT", body: bytes });
      return { status: response.status, body: (await response.json()) as Record<string, unknown> };
    };
    const tooLarge = { status: 413, body: { code: "TOO_LARGE", limit } };

    it("are bounded, each content counted once, however many come at once", async () => {
      const project = freshProject();
      const before = new Set(await kept.objects());
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => put(project, `${i}`.padEnd(1_000))));
      expect(answers.filter(({ status }) => status === 201)).toHaveLength(10);
      for (const refused of answers.filter(({ status }) => status !== 201)) expect(refused).toMatchObject(tooLarge);
      const there = answers.findIndex(({ status }) => status === 201);
      expect((await put(project, `${there}`.padEnd(1_000))).status).toBe(200);
      expect((await put(project, "x")).body).toMatchObject({ code: "TOO_LARGE", limit });
      expect((await kept.objects()).filter((object) => !before.has(object))).toHaveLength(10);
      expect((await put(freshProject(), "x")).status).toBe(201);
    });

    it("are bounded by a form as a whole, which leaves nothing", async () => {
      const project = freshProject();
      const before = (await kept.objects()).length;
      const data = new FormData();
      data.append("version", JSON.stringify({ project, name: "a" }));
      for (let i = 0; i < 11; i++) data.append("file", new Blob([`${i}`.padEnd(1_000)]), `${i}`);
      const response = await fetch(`${service.url}/versions`, { method: "POST", body: data });
      expect(await response.json()).toMatchObject({ status: 413, code: "TOO_LARGE", limit });
      expect((await kept.objects()).length).toBe(before);
    });

    it("refuse at once what could never fit", async () => {
      expect(await put(freshProject(), "x".repeat(limit + 1))).toMatchObject(tooLarge);
    });

    it("are known to a service that starts, and free again once they are swept", async () => {
      const project = freshProject();
      expect((await put(project, "a".repeat(6_000))).status).toBe(201);
      await service.close();
      service = await start();
      expect(await put(project, "b".repeat(6_000))).toMatchObject(tooLarge);
      // A sweep takes what others store in the same database too.
      if (engine.name !== "grafeo") return;
      await collectGarbage({ graph, blobs: kept.store, newId: randomUUID, now: () => Date.now() + 1_000 }, 0);
      expect((await put(project, "b".repeat(6_000))).status).toBe(201);
      expect(await put(project, "c".repeat(6_000))).toMatchObject(tooLarge);
    });
  });
});
