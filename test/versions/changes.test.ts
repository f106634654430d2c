import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Move {
  alias: string;
  actor: string;
  at: string;
  from: { id: string } | null;
  to: { id: string } | null;
}
type ReceivedEvent = { artifact: { id: string; description: string | null; tags: string[]; updatedAt: string } };
type Configured = {
  project: { id: string; description: string | null; settings: Record<string, unknown> };
};

const history = `query ($project: String!, $name: String!, $alias: String) { artifact(project: $project, name: $name) {
  aliasHistory(alias: $alias) { nodes { alias actor at from { id } to { id } } totalCount } } }`;
const createConfigured = `mutation ($input: CreateProjectInput!) {
  createProject(input: $input) { project { id description settings { storagePrefix staleAfterSeconds } } } }`;

describeEngines("changes of versions, artifacts and projects", (engine) => {
  const api = useApi(engine);
  const { change, refused } = changesOf(api);
  const movesOf = async (project: string, name: string, alias?: string) =>
    (
      await api.data<{ artifact: { aliasHistory: { nodes: Move[]; totalCount: number } } }>(history, {
        project,
        name,
        alias,
      })
    ).artifact.aliasHistory;

  describe("aliases", () => {
    it("an alias moves from holder to holder, and each move records who made it and when", async () => {
      const project = api.projects.open;
      const name = freshProject();
      const [one, two] = [await api.log({ project, name }), await api.log({ project, name })].map((log) => log.version);
      const [from, to] = [{ id: one?.id }, { id: two?.id }];
      expect((await change("setAlias", { ref: one?.id, alias: "best" })).version).toMatchObject({
        ...from,
        aliases: ["best"],
      });
      const moved = await change("setAlias", { ref: two?.uri, alias: "best", expectedCurrent: one?.id }, "contributor");
      expect(moved.version).toMatchObject({ ...to, aliases: ["best"] });
      expect((await api.version(one?.id ?? "")).aliases).toEqual([]);
      expect((await api.version(`${project}/${name}:best`)).id).toBe(two?.id);
      await change("setAlias", { ref: one?.id, alias: "other", expectedCurrent: null });
      const removed = await change<{ artifact: object }>("removeAlias", {
        project,
        name,
        alias: "best",
        expectedCurrent: two?.id,
      });
      expect(removed.artifact).toMatchObject({ aliases: [{ alias: "other", version: from }] });
      const moves = await movesOf(project, name);
      expect(moves).toMatchObject({
        totalCount: 4,
        nodes: [
          { alias: "best", actor: "admin", from: to, to: null },
          { alias: "other", actor: "admin", from: null, to: from },
          { alias: "best", actor: "contributor", from, to },
          { alias: "best", actor: "admin", from: null, to: from },
        ],
      });
      const times = moves.nodes.map((move) => Date.parse(move.at));
      expect(times).toEqual([...times].sort((a, b) => b - a));
      expect(times[3]).toBeGreaterThanOrEqual(Date.parse(one?.createdAt ?? ""));
      expect(await movesOf(project, name, "other")).toEqual({ totalCount: 1, nodes: [moves.nodes[1]] });
    });

    it("an alias stays while another version than expected holds it", async () => {
      const project = freshProject();
      const { version: one } = await api.log({ project, name: "m", aliases: ["best"] });
      const { version: two } = await api.log({ project, name: "m" });
      const conflict = { code: "CONFLICT", actual: one.id };
      for (const expectedCurrent of [two.id, null])
        expect(await refused("setAlias", { ref: two.id, alias: "best", expectedCurrent })).toMatchObject(conflict);
      expect(
        await refused("removeAlias", { project, name: "m", alias: "best", expectedCurrent: two.id }),
      ).toMatchObject(conflict);
      expect(await refused("removeAlias", { project, name: "m", alias: "none" })).toMatchObject({ code: "NOT_FOUND" });
      expect((await api.version(one.id)).aliases).toEqual(["best"]);
      expect(await movesOf(project, "m")).toMatchObject({ totalCount: 1 });
    });
  });

  it("updateVersion changes description, name, tags, labels and metadata, and keeps the rest", async () => {
    const project = freshProject();
    const { version } = await api.log({
      project,
      name: "m",
      tags: ["kept", "old"],
      labels: ["kept", "old"].map((key) => ({ key, value: "1" })),
      metadata: { kept: 1, deep: { old: 2, stays: 3 } },
    });
    const updated = await change("updateVersion", {
      ref: version.id,
      description: "Größe",
      versionName: "v-one",
      tags: { add: ["new"], remove: ["old"] },
      labels: { set: [{ key: "new", value: "2" }], remove: ["old"] },
      metadata: { set: { new: [4] }, remove: ["deep.old"] },
    });
    const now = {
      id: version.id,
      description: "Größe",
      versionName: "v-one",
      tags: ["kept", "new"],
      labels: [
        { key: "kept", value: "1" },
        { key: "new", value: "2" },
      ],
      metadata: { kept: 1, deep: { stays: 3 }, new: [4] },
      createdAt: version.createdAt,
    };
    expect(updated.version).toMatchObject(now);
    expect(updated.version.updatedAt > version.updatedAt).toBe(true);
    expect(await api.version(`${project}/m:v-one`)).toMatchObject({ ...now, updatedAt: updated.version.updatedAt });
    expect(await refused("updateVersion", { ref: version.id, versionName: "v-two" })).toMatchObject({
      code: "IMMUTABLE",
    });
    expect((await change("updateVersion", { ref: version.id, description: null })).version).toMatchObject({
      ...now,
      description: null,
    });
  });

  it("updateArtifact changes description and tags, and keeps omitted fields", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "m" });
    const of = { project, name: "m" };
    const first = await change<ReceivedEvent>("updateArtifact", {
      ...of,
      description: "wofür",
      tags: { add: ["a", "b"] },
    });
    expect(first.artifact).toMatchObject({ description: "wofür", tags: ["a", "b"] });
    expect(first.artifact.updatedAt > version.createdAt).toBe(true);
    const second = await change<ReceivedEvent>("updateArtifact", { ...of, tags: { add: ["c"], remove: ["a"] } });
    expect(second.artifact).toMatchObject({ id: first.artifact.id, description: "wofür", tags: ["b", "c"] });
    expect((await change<ReceivedEvent>("updateArtifact", { ...of, description: null })).artifact).toMatchObject({
      description: null,
      tags: ["b", "c"],
    });
    expect(await refused("updateArtifact", { project, name: "none" })).toMatchObject({ code: "NOT_FOUND" });
  });

  describe("settings of a project", () => {
    it("the settings of a project are given at its creation and changed one by one", async () => {
      const name = freshProject();
      const settings = { storagePrefix: "teams/{{project}}", staleAfterSeconds: 90 };
      const { createProject } = await api.data<{ createProject: Configured }>(createConfigured, {
        input: { name, description: "wofür", ...settings },
      });
      expect(createProject.project).toMatchObject({ description: "wofür", settings });
      const update = async (input: object) => (await change<Configured>("updateProject", { name, ...input })).project;
      const { id } = createProject.project;
      expect(await update({ staleAfterSeconds: 30 })).toEqual({
        id,
        description: "wofür",
        settings: { ...settings, staleAfterSeconds: 30 },
      });
      expect(await update({ storagePrefix: "elsewhere", description: "anders" })).toEqual({
        id,
        description: "anders",
        settings: { storagePrefix: "elsewhere", staleAfterSeconds: 30 },
      });
      expect(await update({ storagePrefix: null, staleAfterSeconds: null, description: null })).toEqual({
        id,
        description: null,
        settings: { storagePrefix: null, staleAfterSeconds: null },
      });
    });

    it("invalid settings and settings of an unknown project are refused", async () => {
      const name = freshProject();
      await api.log({ project: name, name: "a" });
      for (const [field, value] of [
        ["storagePrefix", "../up"],
        ["storagePrefix", "{{other}}"],
        ["staleAfterSeconds", 0],
      ] as const)
        expect(await refused("updateProject", { name, [field]: value })).toMatchObject({
          code: "INVALID_INPUT",
          field,
        });
      expect(await refused("updateProject", { name: freshProject() })).toMatchObject({ code: "NOT_FOUND" });
    });
  });

  it("the metadataUrl of a version serves everything about it as JSON and as YAML", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "m", metadata: { größe: 5 }, tags: ["a"] });
    const { metadataUrl } = (
      await api.data<{ version: { metadataUrl: string } }>(
        "query ($ref: VersionRef!) { version(ref: $ref) { metadataUrl } }",
        { ref: version.id },
      )
    ).version;
    const json = await api.http(metadataUrl);
    expect([json.status, await json.json()]).toMatchObject([
      200,
      { id: version.id, uri: version.uri, project, name: "m", number: 1, metadata: { größe: 5 }, tags: ["a"] },
    ]);
    const yaml = await api.http(metadataUrl.replace(/json$/, "yaml"));
    expect([yaml.status, await yaml.text()]).toEqual([200, expect.stringContaining(`"id": "${version.id}"\n`)]);
  });
});
