import { randomUUID } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { collectGarbage } from "../../src/domain/blobs/garbage-collection.ts";
import type { BlobStore } from "../../src/ports/blob-store.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { callsOf, deleteVersion, log } from "../support/calls.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const grace = 1_000;
const hour = 3_600_000;

/** Operations of a history; those of one batch run concurrently. */
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("log" as const), content: fc.nat(5), put: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("put" as const), content: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("delete" as const), which: fc.nat(20), bytesOnly: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.constant({ do: "sweep" as const }) },
);
const batches = fc.array(
  fc.record({ steps: fc.array(step, { minLength: 1, maxLength: 5 }), wait: fc.constantFrom(0, 1, 600, 1_001) }),
  {
    minLength: 3,
    maxLength: 8,
  },
);

describeEngines("garbage collection", (engine) => {
  // The clock is far in the past: a collection leaves alone what other tests have in the same database.
  let now = Date.UTC(2001, 0, 1) + Math.floor(Math.random() * 20_000) * hour;
  let folder: string;
  let graph: GraphStore;
  let blobs: BlobStore;
  let service: TestService;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pedigree-sweep-"));
    graph = await engine.open();
    blobs = await filesystemBlobs(folder);
    service = await startTestService(engine, {}, { graph, blobs, now: () => now });
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const sweepNow = () => collectGarbage({ graph, blobs, newId: randomUUID, now: () => now }, grace);
  const stored = async (project: string, digest: string) =>
    (await fetch(`${service.url}/blobs/${digest}?project=${project}`)).status;
  const fileOf = async (id: string) => {
    const response = await fetch(`${service.url}/versions/${id}/files/f`);
    return response.ok ? response.text() : response.status;
  };
  /** Logs a version and returns its id; null when its content was collected, which is right only if it was not just stored. */
  const logged = async (input: object, put: boolean): Promise<string | null> => {
    const answer = await service.ask<{ logVersion: { version: { id: string } } }>(log, { input });
    if (!answer.errors) return answer.data.logVersion.version.id;
    expect([answer.errors[0]?.extensions.code, put]).toEqual(["NOT_FOUND", false]);
    return null;
  };
  /** The number of contents that the store has of a project. */
  const kept = async (project: string) => {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile() && entry.parentPath.includes(project)).length;
  };

  it("garbage collection removes unreferenced bytes after the grace period, and never the bytes of a version", async () => {
    const project = freshProject();
    const [unused, used] = [await service.put(project, "unused"), await service.put(project, "used")];
    const { id } = await callsOf(service).log({ project, name: "m", files: [{ path: "f", digest: used }] });
    now += grace;
    await sweepNow();
    expect([await stored(project, unused), await kept(project)]).toEqual([200, 2]);
    now += 1;
    expect(await sweepNow()).toBeGreaterThanOrEqual(1);
    expect([await stored(project, unused), await kept(project)]).toEqual([404, 1]);
    now += 1_000 * hour;
    await sweepNow();
    expect(await fileOf(id)).toBe("used");
  });

  it("garbage collection removes bytes whose last version lost them, and keeps those that another version has", async () => {
    const project = freshProject();
    const calls = callsOf(service);
    const files = [{ path: "f", digest: await service.put(project, "shared") }];
    const [first, second, third] = [
      await calls.log({ project, name: "a", files }),
      await calls.log({ project, name: "b", files }),
      await calls.log({ project, name: "c", files }),
    ];
    await calls.remove(first.id);
    await calls.remove(second.id, { bytesOnly: true });
    now += 2 * grace;
    await sweepNow();
    expect([await fileOf(first.id), await fileOf(second.id), await fileOf(third.id)]).toEqual([410, 410, "shared"]);
    await calls.remove(third.id);
    now += 2 * grace;
    await sweepNow();
    expect([await kept(project), await fileOf(third.id)]).toEqual([0, 410]);
  });

  it("storing the same bytes again renews their grace period", async () => {
    const project = freshProject();
    const digest = await service.put(project, "again");
    now += grace;
    await service.put(project, "again");
    now += grace;
    await sweepNow();
    expect([await stored(project, digest), await kept(project)]).toEqual([200, 1]);
    now += 1;
    await sweepNow();
    expect([await stored(project, digest), await kept(project)]).toEqual([404, 0]);
  });

  it("bytes that were collected can be stored again, and until then no version can refer to them", async () => {
    const project = freshProject();
    const digest = await service.put(project, "content");
    now += 2 * grace;
    await sweepNow();
    const input = { project, name: "m", files: [{ path: "f", digest }] };
    expect(await service.refusal(log, { input })).toMatchObject({ code: "NOT_FOUND" });
    expect(await service.put(project, "content")).toBe(digest);
    const { id } = await callsOf(service).log(input);
    now += 2 * grace;
    await sweepNow();
    expect([await fileOf(id), await kept(project)]).toEqual(["content", 1]);
  });

  it("a version that was logged while garbage was collected can be read", async () => {
    const project = freshProject();
    const contents = Array.from({ length: 8 }, (_, i) => `content ${i}`);
    await Promise.all(contents.map((content) => service.put(project, content)));
    const files = async (content: string) => [{ path: "f", digest: await service.put(project, content) }];
    now += 2 * grace;
    const logs = contents.map(async (content, i) => {
      const input = { project, name: `m${i % 3}`, files: await files(content) };
      return { content, answer: await service.ask<{ logVersion: { version: { id: string } } }>(log, { input }) };
    });
    const sweeps = Array.from({ length: 4 }, () => sweepNow());
    for (const { content, answer } of await Promise.all(logs)) {
      expect(answer.errors).toBeUndefined();
      expect(await fileOf(answer.data.logVersion.version.id)).toBe(content);
    }
    await Promise.all(sweeps);
    expect(await kept(project)).toBe(contents.length);
  });

  it("random histories of uploads, deletions and collections lose no byte of a version, and leave no other byte in the end", {
    timeout: 240_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(batches, async (history) => {
        const project = freshProject();
        const alive = new Map<string, string>();
        const digests = await Promise.all(
          [0, 1, 2, 3, 4, 5].map((content) => service.put(project, `content ${content}`)),
        );
        const doLog = async (content: number, put: boolean) => {
          const digest = put ? await service.put(project, `content ${content}`) : digests[content];
          const input = { project, name: `m${content % 2}`, files: [{ path: "f", digest }] };
          const id = await logged(input, put);
          if (id) alive.set(id, `content ${content}`);
        };
        const doDelete = async (which: number, bytesOnly: boolean) => {
          const id = [...alive.keys()][which];
          if (!id) return;
          alive.delete(id);
          await service.data(deleteVersion, { input: { ref: id, bytesOnly } });
        };
        const perform = (given: (typeof history)[number]["steps"][number]): Promise<unknown> => {
          if (given.do === "log") return doLog(given.content, given.put);
          if (given.do === "put") return service.put(project, `content ${given.content}`);
          return given.do === "delete" ? doDelete(given.which, given.bytesOnly) : sweepNow();
        };
        for (const { steps, wait } of history) {
          await Promise.all(steps.map(perform));
          for (const [id, content] of alive) expect(await fileOf(id)).toBe(content);
          now += wait;
        }
        now += 2 * grace;
        await sweepNow();
        for (const [id, content] of alive) expect(await fileOf(id)).toBe(content);
        expect(await kept(project)).toBe(new Set(alive.values()).size);
      }),
      { numRuns: engine.name === "grafeo" ? 25 : 4 },
    );
  });
});
