import { expect, it } from "vitest";
import { callsOf, log, onEngines, refOf, type Seen, times, update } from "../support/calls.ts";
import { freshProject } from "../support/service.ts";

const ids = "query ($filter: VersionFilter!) { versions(filter: $filter) { nodes { id } } }";

onEngines("updateVersion", (service) => {
  const found = async (filter: object) =>
    (await service().data<{ versions: { nodes: { id: string }[] } }>(ids, { filter })).versions.nodes.map(
      ({ id }) => id,
    );
  const change = (ref: string, more: object) => service().refusal(update, { input: { ref, ...more } });

  it("a version's description can be set and cleared, and searches see the change at once", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const { id } = await calls.log({ project, name: "m", description: "Größe" });
    const of = { project: { eq: project } };
    expect(await found({ ...of, text: "GRÖSSE" })).toEqual([]);
    expect(await found({ ...of, text: "GRÖßE" })).toEqual([id]);
    expect((await calls.update(id, { description: "データの説明" })).description).toBe("データの説明");
    expect(await found({ ...of, text: "größe" })).toEqual([]);
    expect(await found({ ...of, text: "タの説" })).toEqual([id]);
    expect((await calls.update(id, { tags: { add: ["t"] } })).description).toBe("データの説明");
    expect((await calls.update(id, { description: null })).description).toBeNull();
    expect(await found({ ...of, text: "タの説" })).toEqual([]);
    expect(await found({ ...of, text: "M" })).toEqual([id]);
  });

  it("tags and labels of a version are added and removed by each writer independently", async () => {
    const calls = callsOf(service());
    const { id } = await calls.log({
      project: freshProject(),
      name: "m",
      tags: ["kept", "old"],
      labels: [
        { key: "kept", value: "1" },
        { key: "old", value: "1" },
      ],
    });
    await times(8, (i) =>
      calls.update(id, {
        tags: { add: [`t${i}`, "same"], remove: ["old"] },
        labels: { set: [{ key: `k${i}`, value: `${i}` }], remove: ["old"] },
        metadata: { set: { [`m${i}`]: i } },
      }),
    );
    const all = Array.from({ length: 8 }, (_, i) => i);
    const now = await calls.version(id);
    expect(now.tags).toEqual(["kept", "same", ...all.map((i) => `t${i}`)]);
    expect(now.labels).toEqual([...all.map((i) => ({ key: `k${i}`, value: `${i}` })), { key: "kept", value: "1" }]);
    expect(now.metadata).toEqual(Object.fromEntries(all.map((i) => [`m${i}`, i])));
    const changed = await calls.update(id, {
      tags: { add: ["kept"], remove: ["none"] },
      labels: { set: [{ key: "kept", value: "2" }] },
    });
    expect(changed.tags).toEqual(now.tags);
    expect(changed.labels).toContainEqual({ key: "kept", value: "2" });
    expect(changed.labels).toHaveLength(9);
  });

  it("changed tags, labels and metadata of a version match filters at once, and old values no longer do", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const { id } = await calls.log({
      project,
      name: "m",
      tags: ["old"],
      labels: [{ key: "k", value: "old" }],
      metadata: { a: 1 },
    });
    await calls.update(id, {
      tags: { add: ["new"], remove: ["old"] },
      labels: { set: [{ key: "k", value: "new" }] },
      metadata: { set: { a: "text", b: { c: 2 } } },
    });
    const of = (more: object) => found({ project: { eq: project }, ...more });
    expect(await of({ tag: { eq: "old" } })).toEqual([]);
    expect(await of({ tag: { eq: "new" } })).toEqual([id]);
    expect(await of({ labels: [{ key: "k", value: { eq: "old" } }] })).toEqual([]);
    expect(await of({ labels: [{ key: "k", value: { eq: "new" } }] })).toEqual([id]);
    expect(await of({ metadata: [{ key: "a", eq: 1 }] })).toEqual([]);
    expect(await of({ metadata: [{ key: "a", eq: "text" }] })).toEqual([id]);
    expect(await of({ metadata: [{ key: "b.c", gt: 1 }] })).toEqual([id]);
    await calls.update(id, { metadata: { remove: ["b.c"] } });
    expect(await of({ metadata: [{ key: "b.c", exists: true }] })).toEqual([]);
  });

  it("metadata is set by whole keys and removed by dotted ones, with escaped dots", async () => {
    const calls = callsOf(service());
    const metadata = { "a.b": 1, a: { b: 2, "c.d": 3, e: { f: 4, g: 5 } }, "back\\slash": 6, kept: null };
    const { id } = await calls.log({ project: freshProject(), name: "m", metadata });
    const remove = async (...keys: string[]) => (await calls.update(id, { metadata: { remove: keys } })).metadata;
    const { "a.b": _, ...without } = metadata;
    expect(await remove("a\\.b")).toEqual(without);
    expect(await remove("a.c\\.d", "a.e.f", "nothing.here", "kept.deeper")).toEqual({
      a: { b: 2, e: { g: 5 } },
      "back\\slash": 6,
      kept: null,
    });
    expect(await remove("back\\\\slash", "a.e")).toEqual({ a: { b: 2 }, kept: null });
    const set = await calls.update(id, { metadata: { set: { a: { new: true }, "x.y": 1 }, remove: ["kept"] } });
    expect(set.metadata).toEqual({ a: { new: true }, "x.y": 1 });
    expect(set.entries).toEqual([
      { key: "a.new", type: "BOOLEAN", value: true },
      { key: "x\\.y", type: "INTEGER", value: 1 },
    ]);
    const same = await calls.update(id, { metadata: { set: { a: 1 }, remove: ["a"] } });
    expect(same.metadata).toEqual({ a: 1, "x.y": 1 });
  });

  it("a tagged value of metadata is one leaf without keys below it", async () => {
    const calls = callsOf(service());
    const metadata = { a: { $type: "URI", value: "s3://b/k" } };
    const { id } = await calls.log({ project: freshProject(), name: "m", metadata });
    expect((await calls.update(id, { metadata: { remove: ["a.value", "a.$type"] } })).metadata).toEqual(metadata);
    expect((await calls.update(id, { metadata: { remove: ["a"] } })).metadata).toEqual({});
  });

  it("removing a metadata key removes only that key, also with empty segments", async () => {
    const calls = callsOf(service());
    const { id } = await calls.log({
      project: freshProject(),
      name: "m",
      metadata: { a: { b: 1, "": { b: 2 } }, "": 3 },
    });
    const removed = await calls.update(id, { metadata: { remove: ["a..b"] } });
    expect(removed.metadata).toEqual({ a: { b: 1, "": {} }, "": 3 });
    expect((await calls.update(id, { metadata: { remove: [""] } })).metadata).toEqual({ a: { b: 1, "": {} } });
  });

  it("updateVersion stores and returns every type of metadata", async () => {
    const calls = callsOf(service());
    const { id } = await calls.log({ project: freshProject(), name: "m" });
    const values: [key: string, type: string, given: unknown, value: unknown][] = [
      ["boolean", "BOOLEAN", false, false],
      ["dtype", "DTYPE", { $type: "DTYPE", value: "float32" }, "float32"],
      ["empty", "OBJECT", {}, {}],
      ["float", "FLOAT", 1.5, 1.5],
      ["integer", "INTEGER", 2 ** 53 - 1, 2 ** 53 - 1],
      ["list", "LIST", [1, "a", null, { b: [] }], [1, "a", null, { b: [] }]],
      ["minus", "FLOAT", { $type: "FLOAT", value: "-Infinity" }, "-Infinity"],
      ["nan", "FLOAT", { $type: "FLOAT", value: "NaN" }, "NaN"],
      ["nothing", "NULL", null, null],
      ["path", "PATH", { $type: "PATH", value: "/a/b" }, "/a/b"],
      ["plus", "FLOAT", { $type: "FLOAT", value: "Infinity" }, "Infinity"],
      ["size", "STORAGE_SIZE", { $type: "STORAGE_SIZE", value: 5 }, 5],
      ["string", "STRING", "文字 \u{1F600}", "文字 \u{1F600}"],
      ["time", "DATETIME", { $type: "DATETIME", value: "2026-01-31T12:00:00.000Z" }, "2026-01-31T12:00:00.000Z"],
      ["uri", "URI", { $type: "URI", value: "s3://b/k" }, "s3://b/k"],
    ];
    const set = Object.fromEntries(values.map(([key, , given]) => [key, given]));
    const changed = await calls.update(id, { metadata: { set } });
    expect(changed.metadata).toEqual(set);
    expect(changed.entries).toEqual(values.map(([key, type, , value]) => ({ key, type, value })));
    expect(await calls.version(id)).toEqual(changed);
  });

  it("a version gets a version name once", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const { id } = await calls.log({ project, name: "m" });
    expect((await calls.update(id, { versionName: "v1" })).versionName).toBe("v1");
    expect((await calls.version(`${project}/m:v1`)).id).toBe(id);
    expect(await found({ project: { eq: project }, versionName: { eq: "v1" } })).toEqual([id]);
    expect(await change(id, { versionName: "v2" })).toMatchObject({ code: "IMMUTABLE" });
    expect((await calls.update(id, { versionName: "v1", tags: { add: ["t"] } })).tags).toEqual(["t"]);
    for (const versionName of ["", "12", "latest", "a b", "x".repeat(129)]) {
      expect(await change(id, { versionName }), versionName).toMatchObject({
        code: "INVALID_INPUT",
        field: "versionName",
      });
    }
  });

  it("updateVersion is refused as a whole when a part is invalid", async () => {
    const calls = callsOf(service());
    const { id } = await calls.log({ project: freshProject(), name: "m", metadata: { a: 1 } });
    const before = await calls.version(id);
    let deep: unknown = 1;
    for (let level = 0; level < 40; level++) deep = { deep };
    const wrong: [object, string][] = [
      [{ tags: { add: [""] } }, "INVALID_INPUT"],
      [{ tags: { add: ["x".repeat(10_000)] } }, "TOO_LARGE"],
      [{ labels: { set: [{ key: "", value: "x" }] } }, "INVALID_INPUT"],
      [
        {
          labels: {
            set: [
              { key: "k", value: "1" },
              { key: "k", value: "2" },
            ],
          },
        },
        "INVALID_INPUT",
      ],
      [{ metadata: { set: [] } }, "INVALID_INPUT"],
      [{ metadata: { set: { a: { $type: "NONE", value: 1 } } } }, "INVALID_INPUT"],
      [{ metadata: { set: { deep } } }, "TOO_LARGE"],
      [{ metadata: { set: { big: "x".repeat(262_144) } } }, "TOO_LARGE"],
      [{ description: "x".repeat(65_537) }, "TOO_LARGE"],
    ];
    for (const [more, code] of wrong) {
      const given = { description: "changed", versionName: "v1", ...more };
      expect(await change(id, given), JSON.stringify(more).slice(0, 80)).toMatchObject({ code });
    }
    const half = "x".repeat(140_000);
    await calls.update(id, { metadata: { set: { half } } });
    expect(await change(id, { metadata: { set: { other: half } } })).toMatchObject({ code: "TOO_LARGE" });
    const { updatedAt: _, metadata, entries: __, ...rest } = await calls.version(id);
    expect({ ...rest, metadata: metadata.a }).toEqual({ ...strip(before), metadata: 1 });
  });

  it("updateVersion is GONE for a deleted version and NOT_FOUND for an unknown one", async () => {
    const calls = callsOf(service());
    const project = freshProject();
    const { id } = await calls.log({ project, name: "m" });
    await calls.remove(id);
    expect(await change(id, { description: "x" })).toMatchObject({ code: "GONE" });
    expect(await change(`${project}/m:1`, { tags: { add: ["x"] } })).toMatchObject({ code: "GONE" });
    expect(await change(`${project}/m`, { tags: { add: ["x"] } })).toMatchObject({ code: "NOT_FOUND" });
    expect(await refOf(service(), `${project}/m`)).toBe("NOT_FOUND");
  });

  it("each change makes the updatedAt of a version grow, and nothing else does", async () => {
    const calls = callsOf(service());
    let before = await calls.log({ project: freshProject(), name: "m" });
    for (let i = 0; i < 5; i++) {
      const after: Seen = await calls.update(before.id, { tags: { add: [`t${i}`] } });
      expect(after.updatedAt > before.updatedAt).toBe(true);
      const { tags: _, updatedAt: __, ...rest } = after;
      const { tags: ___, updatedAt: ____, ...was } = before;
      expect(rest).toEqual(was);
      before = after;
    }
  });

  it("logVersion refuses an empty version name too", async () => {
    const input = { project: freshProject(), name: "m", versionName: "" };
    expect(await service().refusal(log, { input })).toMatchObject({ code: "INVALID_INPUT", field: "versionName" });
  });
});

function strip({ updatedAt: _, metadata: __, entries: ___, ...rest }: Seen) {
  return rest;
}
