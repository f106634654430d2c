import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { collectGarbage } from "../../src/domain/blobs/garbage-collection.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEngines, engines, freshProject, startTestService, type TestService } from "../support/service.ts";
import { type Kept, stores } from "../support/stores.ts";

const limit = 10_000;
const [disk] = stores;

it("a version may have as many files as the setting allows, also more than the limit of other lists", async () => {
  const maxFiles = 10_001;
  const service = await startTestService(engines[0], { PEDIGREE_MAX_FILES: String(maxFiles) });
  const project = freshProject();
  const digest = await service.put(project, "x");
  const files = Array.from({ length: maxFiles }, (_, i) => ({ path: `f${i}`, digest }));
  const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { size } } }";
  const logged = await service.data(log, { input: { project, name: "a", files } });
  expect(logged).toEqual({ logVersion: { version: { size: maxFiles } } });
  const more = [...files, { path: "more", digest }];
  const refused = { code: "TOO_LARGE", limit: maxFiles };
  expect(await service.refusal(log, { input: { project, name: "a", files: more } })).toMatchObject(refused);
  await service.close();
});

describeEngines("the quota of a project", (engine) => {
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

  it("the quota of a project counts each content once and holds for concurrent uploads", async () => {
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

  it("a form that exceeds the quota as a whole is refused and leaves nothing", async () => {
    const project = freshProject();
    const before = (await kept.objects()).length;
    const data = new FormData();
    data.append("version", JSON.stringify({ project, name: "a" }));
    for (let i = 0; i < 11; i++) data.append("file", new Blob([`${i}`.padEnd(1_000)]), `${i}`);
    const response = await fetch(`${service.url}/versions`, { method: "POST", body: data });
    expect(await response.json()).toMatchObject({ status: 413, code: "TOO_LARGE", limit });
    expect((await kept.objects()).length).toBe(before);
  });

  it("an upload that could never fit into the quota is refused at once", async () => {
    expect(await put(freshProject(), "x".repeat(limit + 1))).toMatchObject(tooLarge);
  });

  it("a service that starts knows the usage of each project, and garbage collection frees it again", async () => {
    const project = freshProject();
    expect((await put(project, "a".repeat(6_000))).status).toBe(201);
    await service.close();
    service = await start();
    expect(await put(project, "b".repeat(6_000))).toMatchObject(tooLarge);
    // A collection removes what others store in the same database too.
    if (engine.name !== "grafeo") return;
    await collectGarbage({ graph, blobs: kept.store, newId: randomUUID, now: () => Date.now() + 1_000 }, 0);
    expect((await put(project, "b".repeat(6_000))).status).toBe(201);
    expect(await put(project, "c".repeat(6_000))).toMatchObject(tooLarge);
  });
});
