import { describe, expect, it } from "vitest";
import { type ActorName, useApi } from "../support/api.ts";
import { type Change, type Changed, changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

type Emptied = { artifact: { id: string; latest: object | null; versions: { totalCount: number } } };
type Pruned = { count: number; bytes: number; versions: Changed[] };

describeEngines("deletion", (engine) => {
  const api = useApi(engine);
  const { change, refused } = changesOf(api);

  describe("deleteVersion", () => {
    it("deleteVersion keeps the record of a version, and with bytesOnly everything but the bytes", async () => {
      const project = freshProject();
      const files = [{ path: "f", digest: await api.put(project, project) }];
      const { version: one } = await api.log({ project, name: "m", files, tags: ["t"] });
      const { version: two } = await api.log({ project, name: "m", files });
      const kept = await change("deleteVersion", { ref: two.id, bytesOnly: true });
      expect(kept.version).toMatchObject({ id: two.id, state: "READY", isLatest: true, files: [{ path: "f" }] });
      expect((await api.http(`/versions/${two.id}/files/f`)).status).toBe(410);
      expect((await api.http(`/versions/${one.id}/files/f`)).status).toBe(200);
      const gone = await change("deleteVersion", { ref: `${project}/m:1` });
      expect(gone.version).toMatchObject({ id: one.id, state: "DELETED", tags: ["t"], createdAt: one.createdAt });
      expect(await api.version(one.id)).toMatchObject({ state: "DELETED", number: 1 });
      expect((await api.http(`/versions/${one.id}/files/f`)).status).toBe(410);
      expect(await refused("deleteVersion", { ref: one.id })).toMatchObject({ code: "GONE" });
    });

    it("deleteVersion refuses a version in use unless it is forced", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "m", aliases: ["best"] });
      const { version: made } = await api.log({ project, name: "n", inputs: [version.id] });
      const held = await refused("deleteVersion", { ref: version.id });
      expect(held).toMatchObject({ code: "IN_USE", by: expect.any(Array) });
      expect(String(held.by)).toMatch(/best/);
      expect(String(held.by)).toContain(made.id);
      expect((await change("deleteVersion", { ref: version.id, force: true })).version).toMatchObject({
        state: "DELETED",
        aliases: [],
      });
      expect(
        await api.refusal("query ($ref: VersionRef!) { version(ref: $ref) { id } }", { ref: `${project}/m:best` }),
      ).toMatchObject({ code: "NOT_FOUND" });
    });
  });

  it("deleteArtifact deletes all versions, and one that is in use only by force", async () => {
    const project = freshProject();
    const { version: one } = await api.log({ project, name: "m" });
    const { version: two } = await api.log({ project, name: "m", inputs: [one.id] });
    const { version: other } = await api.log({ project, name: "n", inputs: [two.id] });
    const held = await refused("deleteArtifact", { project, name: "m" });
    expect(held).toMatchObject({ code: "IN_USE" });
    expect(String(held.by)).toContain(other.id);
    const { artifact } = await change<Emptied>("deleteArtifact", { project, name: "m", force: true });
    expect(artifact).toMatchObject({ latest: null, versions: { totalCount: 0 } });
    for (const { id } of [one, two]) expect(await api.version(id)).toMatchObject({ state: "DELETED" });
    expect(await api.version(other.id)).toMatchObject({ state: "READY" });
    expect((await api.log({ project, name: "m" })).version.number).toBe(3);
    expect(await refused("deleteArtifact", { project, name: "none" })).toMatchObject({ code: "NOT_FOUND" });
  });

  describe("prune", () => {
    /** Four versions of 10 bytes each, the third with an alias; then two of another artifact. */
    const fill = async (project: string) => {
      const made: { id: string; createdAt: string }[] = [];
      const log = async (input: object) => {
        made.push((await api.log({ project, ...input })).version);
      };
      for (const i of [1, 2, 3, 4]) {
        const digest = await api.put(project, `${project}${i}`.slice(-10));
        await log({ name: "m", files: [{ path: "f", digest }], ...(i === 3 && { aliases: ["best"] }) });
      }
      for (const _ of [1, 2]) await log({ name: "n" });
      return made;
    };
    const numbers = ({ versions }: Pruned) =>
      versions.map(({ artifact, number }) => `${(artifact as { name: string }).name}:${number}`).sort();

    it("prune deletes old, unused versions beyond the newest few, or only lists them", async () => {
      const project = freshProject();
      const made = await fill(project);
      const would = await change<Pruned>("prune", { project, dryRun: true });
      expect(numbers(would)).toEqual(["m:1", "m:2", "n:1"]);
      expect(would).toMatchObject({ count: 3, bytes: 20 });
      expect(would.versions.every(({ state }) => state === "READY")).toBe(true);
      expect(numbers(await change<Pruned>("prune", { project, artifact: "m", keepLast: 3, dryRun: true }))).toEqual([
        "m:1",
      ]);
      expect(await change<Pruned>("prune", { project, olderThan: made[0]?.createdAt })).toEqual({
        count: 0,
        bytes: 0,
        versions: [],
      });
      const took = await change<Pruned>("prune", { project, artifact: "m", olderThan: made[1]?.createdAt });
      expect(took).toMatchObject({ count: 1, bytes: 10, versions: [{ id: made[0]?.id, state: "DELETED" }] });
      const states = await Promise.all(made.map(async ({ id }) => (await api.version(id)).state));
      expect(states).toEqual(["DELETED", "READY", "READY", "READY", "READY", "READY"]);
      expect(numbers(await change<Pruned>("prune", { project, keepLast: 0 }))).toEqual(["m:2", "m:4", "n:1", "n:2"]);
    });

    it("prune counts only bytes that no remaining version has, each once", async () => {
      const project = freshProject();
      const shared = await api.put(project, "x".repeat(1000));
      const own = await api.put(project, "y".repeat(10));
      for (const digest of [shared, own, own, shared])
        await api.log({ project, name: "m", files: [{ path: "f", digest }] });
      for (const dryRun of [true, false])
        expect(await change<Pruned>("prune", { project, dryRun })).toMatchObject({ count: 3, bytes: 10 });
    });

    it("prune refuses a negative number of versions to keep", async () => {
      expect(await refused("prune", { project: freshProject(), keepLast: -1 })).toMatchObject({
        code: "INVALID_INPUT",
        field: "keepLast",
      });
    });
  });

  it("changing labels requires contributor, deletion maintainer, forced deletion and project settings admin", async () => {
    const project = api.projects.open;
    const name = freshProject();
    const { version } = await api.log({ project, name });
    const calls: [Change, object, ActorName | null, string, ActorName][] = [
      ["setAlias", { ref: version.id, alias: "x" }, "viewer", "version:label", "contributor"],
      ["removeAlias", { project, name, alias: "x" }, "viewer", "version:label", "contributor"],
      ["updateVersion", { ref: version.id, tags: { add: ["x"] } }, "viewer", "version:label", "contributor"],
      ["updateArtifact", { project, name, tags: { add: ["x"] } }, "viewer", "version:label", "contributor"],
      ["updateProject", { name: project, description: "open" }, "maintainer", "project:configure", "admin"],
      ["deleteVersion", { ref: version.id, force: true }, "maintainer", "version:force", "admin"],
      ["deleteArtifact", { project, name, force: true }, "maintainer", "version:force", "admin"],
      ["prune", { project, artifact: name }, "contributor", "version:delete", "maintainer"],
      ["deleteArtifact", { project, name }, "contributor", "version:delete", "maintainer"],
    ];
    for (const [mutation, input, weaker, permission, enough] of calls) {
      if (weaker)
        expect([mutation, await refused(mutation, input, weaker)]).toMatchObject([
          mutation,
          { code: "FORBIDDEN", permission },
        ]);
      // A forced deletion may have removed it already; what matters is that the role sufficed.
      if (!("force" in input)) await change<object>(mutation, input, enough);
    }
  });
});
