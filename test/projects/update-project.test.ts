import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { filesystemBlobs } from "../../src/adapters/filesystem/blob-store.ts";
import { onEngines, tokensByRole } from "../support/calls.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const payload = "{ project { id name description createdAt settings { storagePrefix staleAfterSeconds } } }";
const create = `mutation ($input: CreateProjectInput!) { createProject(input: $input) ${payload} }`;
const update = `mutation ($input: UpdateProjectInput!) { updateProject(input: $input) ${payload} }`;
const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";

interface Project {
  description: string | null;
  settings: { storagePrefix: string | null; staleAfterSeconds: number | null };
}

describeEngines("updateProject", (engine) => {
  let service: TestService;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "pedigree-projects-"));
    service = await startTestService(engine, {}, { blobs: await filesystemBlobs(folder) });
  });
  afterAll(async () => {
    await service?.close();
    await rm(folder, { recursive: true, force: true });
  });
  const change = async (input: object) =>
    (await service.data<{ updateProject: { project: Project } }>(update, { input })).updateProject.project;
  const keys = async () =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

  it("updateProject keeps omitted settings and clears those that are null", async () => {
    const name = freshProject();
    const made = await service.data<{ createProject: { project: Project & { id: string } } }>(create, {
      input: { name, description: "d", storagePrefix: "a/{{project}}", staleAfterSeconds: 60 },
    });
    expect(made.createProject.project).toMatchObject({
      description: "d",
      settings: { storagePrefix: "a/{{project}}", staleAfterSeconds: 60 },
    });
    expect(await service.refusal(create, { input: { name } })).toMatchObject({
      code: "ALREADY_EXISTS",
      holder: made.createProject.project.id,
    });
    expect(await change({ name, staleAfterSeconds: 5 })).toMatchObject({
      description: "d",
      settings: { storagePrefix: "a/{{project}}", staleAfterSeconds: 5 },
    });
    expect(await change({ name, description: null, storagePrefix: null })).toMatchObject({
      description: null,
      settings: { storagePrefix: null, staleAfterSeconds: 5 },
    });
    expect(await service.refusal(update, { input: { name: freshProject() } })).toMatchObject({ code: "NOT_FOUND" });
  });

  it("a project's storage prefix applies to the bytes stored from then on", async () => {
    const name = freshProject();
    const first = await service.put(name, "one");
    await change({ name, storagePrefix: "team/{{project}}/x-{{ project }}/" });
    const second = await service.put(name, "two");
    const found = await keys();
    expect(found.filter((key) => key.includes(`team/${name}/x-${name}/`))).toHaveLength(1);
    expect(found.filter((key) => key.includes(name))).toHaveLength(2);
    const files = [first, second].map((digest, i) => ({ path: `f${i}`, digest }));
    const logged = await service.data<{ logVersion: { version: { id: string } } }>(log, {
      input: { project: name, name: "m", files },
    });
    const read = async (path: string) =>
      (await fetch(`${service.url}/versions/${logged.logVersion.version.id}/files/${path}`)).text();
    expect([await read("f0"), await read("f1")]).toEqual(["one", "two"]);
  });

  it.each([
    "",
    "/",
    "//",
    "/etc",
    "..",
    ".",
    "../{{project}}",
    "{{project}}/..",
    "{{project}}/../../etc",
    "a/./b",
    "a//b",
    "a\\b",
    "..\\..",
    "C:/x",
    "a b",
    "a\u0000b",
    "a\nb",
    "%2e%2e/x",
    "é",
    "{{run.id}}",
    "{{}}",
    "{project}",
    "{{project}",
    "{{{{project}}}}",
    "s3://bucket/x",
    "$(id)",
    "x/".repeat(300),
  ])("updateProject refuses the prefix %j, which leaves its root or is too long", async (storagePrefix) => {
    const name = freshProject();
    expect(await service.refusal(create, { input: { name, storagePrefix } })).toMatchObject({
      code: "INVALID_INPUT",
      field: "storagePrefix",
    });
    await service.put(name, "x");
    expect(await service.refusal(update, { input: { name, storagePrefix } })).toMatchObject({
      code: "INVALID_INPUT",
      field: "storagePrefix",
    });
    await service.put(name, "y");
  });

  it("createProject and updateProject refuse invalid names and times", async () => {
    for (const name of ["", ".a", "-a", "a b", "a/b", "é", "x".repeat(129)]) {
      expect(await service.refusal(create, { input: { name } }), name).toMatchObject({
        code: "INVALID_INPUT",
        field: "name",
      });
    }
    for (const staleAfterSeconds of [0, -1]) {
      expect(await service.refusal(create, { input: { name: freshProject(), staleAfterSeconds } })).toMatchObject({
        code: "INVALID_INPUT",
        field: "staleAfterSeconds",
      });
    }
  });

  it("8 parallel writers create a project once", async () => {
    const input = { name: freshProject() };
    const answers = await Promise.all(Array.from({ length: 8 }, () => service.ask(create, { input })));
    const codes = answers.map((answer) => answer.errors?.[0]?.extensions.code ?? "done").sort();
    expect(codes).toEqual([...Array.from({ length: 7 }, () => "ALREADY_EXISTS"), "done"]);
  });
});

onEngines(
  "permission to create and change a project",
  (service) => {
    it("createProject and updateProject require the role admin", async () => {
      const input = { name: freshProject() };
      expect(await service().refusal(create, { input }, "maintainer")).toMatchObject({ code: "FORBIDDEN" });
      await service().data(create, { input }, "admin");
      expect(await service().refusal(update, { input }, "maintainer")).toMatchObject({ code: "FORBIDDEN" });
      await service().data(update, { input: { ...input, staleAfterSeconds: 9 } }, "admin");
    });
  },
  tokensByRole(),
);
