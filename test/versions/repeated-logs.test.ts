import { describe, expect, it } from "vitest";
import { strayDigest, useApi } from "../support/api.ts";
import { logVersion } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

/** Versions logged again, and those with inputs. */
describeEngines("repeated logVersion calls", (engine) => {
  const api = useApi(engine);
  describe("ifChanged", () => {
    const project = freshProject();

    it("a version logged with ifChanged and equal digests is the existing one, with the new edges", async () => {
      const digest = await api.put(project, "same");
      const { version: input } = await api.log({ project, name: "input" });
      const same = { project, name: "files", files: [{ path: "f", digest }], ifChanged: true };
      const first = await api.log({ ...same, inputs: [input.id] });
      const second = await api.log({ ...same, inputs: [input.id], metadata: { other: true } });
      expect(first.created).toBe(true);
      expect(second).toMatchObject({ created: false, version: { id: first.version.id, number: 1 } });
      expect((await api.version(first.version.id)).producers.totalCount).toBe(2);
      expect((await api.version(input.id)).consumers.totalCount).toBe(2);
    });

    it("a version logged with ifChanged gets the next number when digests, paths, location or etag differ", async () => {
      const [one, two] = [await api.put(project, "one"), await api.put(project, "two")];
      const number = async (name: string, input: object) =>
        (await api.log({ project, name, ifChanged: true, ...input })).version.number;
      expect(await number("f", { files: [{ path: "f", digest: one }] })).toBe(1);
      expect(await number("f", { files: [{ path: "f", digest: two }] })).toBe(2);
      expect(await number("f", { files: [{ path: "f", digest: one }] })).toBe(3);
      expect(await number("f", { files: [{ path: "renamed", digest: one }] })).toBe(4);
      expect(await number("f", { files: [{ path: "renamed", digest: one }] })).toBe(4);
      const pair = (a: string, b: string) => ({
        files: [
          { path: a, digest: one },
          { path: b, digest: two },
        ],
      });
      expect(await number("d", pair("a", "b"))).toBe(1);
      expect(await number("d", { files: pair("a", "b").files.reverse() })).toBe(1);
      expect(await number("d", pair("b", "a"))).toBe(2);
      expect(await number("l", { location: "s3://b/k", etag: "1" })).toBe(1);
      expect(await number("l", { location: "s3://b/k", etag: "1" })).toBe(1);
      expect(await number("l", { location: "s3://b/k", etag: "2" })).toBe(2);
      expect(await number("l", { location: "s3://b/other", etag: "2" })).toBe(3);
    });

    it("a file that is renamed within a call is a change for ifChanged", async () => {
      const digest = await api.put(project, "one");
      const output = (path: string) => ({ name: "n", files: [{ path, digest }], ifChanged: true });
      const { run } = await api.publish({ project, outputs: [output("a"), output("a"), output("b"), output("a")] });
      const numbers = run.outputs.nodes.map(({ version }) => version.number);
      expect([...new Set(numbers)].sort()).toEqual([1, 2, 3]);
    });

    it("a version of metadata alone, logged with ifChanged, compares the metadata in any order of keys", async () => {
      const log = (metadata: object) => api.log({ project, name: "m", metadata, ifChanged: true });
      expect((await log({ a: 1, b: { c: 2, d: 3 } })).created).toBe(true);
      expect(await log({ b: { d: 3, c: 2 }, a: 1 })).toMatchObject({ created: false, version: { number: 1 } });
      expect(await log({ a: 1, b: { c: 2, d: 4 } })).toMatchObject({ created: true, version: { number: 2 } });
    });

    it("a version logged without ifChanged always gets a new number", async () => {
      const digest = await api.put(project, "again");
      const input = { project, name: "always", files: [{ path: "f", digest }] };
      expect((await api.log(input)).version.number).toBe(1);
      expect(await api.log({ ...input, ifChanged: false })).toMatchObject({ created: true, version: { number: 2 } });
    });
  });

  it("a version with inputs and no producer gets a COMPLETED run named after the artifact", async () => {
    const project = freshProject();
    const { version: a } = await api.log({ project, name: "a" });
    const { version: b } = await api.log({ project, name: "b" });
    const { version } = await api.log({ project, name: "made-{date}", inputs: [a.id, `${project}/b`] });
    const { producers } = await api.version(version.id);
    expect(producers.nodes).toHaveLength(1);
    const run = await api.run(producers.nodes[0]?.execution.id ?? "");
    const name = version.uri.split("/").at(-1)?.replace(/:1$/, "");
    expect(run).toMatchObject({ name, status: "COMPLETED", project: { name: project }, author: "admin" });
    expect(run.inputs.nodes.map((slot) => slot.version.id)).toEqual([a.id, b.id]);
    expect(run.outputs.nodes.map((slot) => slot.version.id)).toEqual([version.id]);
  });

  it("idempotency keys are separate for each project and mutation", async () => {
    const [project, other] = [freshProject(), freshProject()];
    const first = await api.log({ project, name: "a", key: "k" });
    expect(await api.log({ project, name: "a", key: "k" })).toMatchObject({ created: false, version: first.version });
    expect(await api.log({ project: other, name: "a", key: "k" })).toMatchObject({ created: true });
    expect(await api.publish({ project, key: "k" })).toMatchObject({ created: true });
    expect(await api.refusal(logVersion, { input: { project, name: "b", key: "k" } })).toMatchObject({
      code: "CONFLICT",
      expected: expect.any(String),
      actual: expect.any(String),
    });
    expect(await api.version(`${project}/a`)).toMatchObject({ number: 1 });
  });

  it("a version may only refer to blobs that its own project has stored", async () => {
    const [mine, other] = [freshProject(), freshProject()];
    const digest = await api.put(other, "theirs");
    const input = { project: mine, name: "a", files: [{ path: "f", digest }] };
    expect(await api.refusal(logVersion, { input })).toMatchObject({ code: "NOT_FOUND" });
    expect(digest).not.toBe(strayDigest);
    await api.put(mine, "theirs");
    expect((await api.log(input)).version.number).toBe(1);
  });
});
