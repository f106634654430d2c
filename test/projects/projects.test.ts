import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { createProject } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

type Project = { id: string; name: string; description: string | null; createdAt: string };
const find = "query ($name: String!) { project(name: $name) { id name description createdAt } }";

describeEngines("projects", (engine) => {
  const api = useApi(engine);
  const create = async (input: object) =>
    (await api.data<{ createProject: { project: Project } }>(createProject, { input })).createProject.project;

  it("a project is created with a description and found by name", async () => {
    const name = freshProject();
    const before = Date.now();
    const project = await create({ name, description: "schöne Modelle" });
    expect(project).toMatchObject({ name, description: "schöne Modelle" });
    expect(project.createdAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(project.createdAt)).toBeGreaterThanOrEqual(before);
    expect((await api.data<{ project: Project }>(find, { name })).project).toEqual(project);
  });

  it("project names have 1 to 128 characters and are case-sensitive", async () => {
    const longest = `${freshProject()}.${"x".repeat(200)}`.slice(0, 128);
    expect((await create({ name: longest })).name).toBe(longest);
    const upper = freshProject().toUpperCase();
    const { id } = await create({ name: upper });
    expect((await create({ name: upper.toLowerCase() })).id).not.toBe(id);
  });

  it("an unknown project is null", async () => {
    expect(await api.data(find, { name: freshProject() })).toEqual({ project: null });
  });

  it("a second project of the same name is ALREADY_EXISTS with its holder, and changes nothing", async () => {
    const name = freshProject();
    const { id } = await create({ name, description: "first" });
    expect(await api.refusal(createProject, { input: { name, description: "second" } })).toMatchObject({
      code: "ALREADY_EXISTS",
      holder: id,
    });
    expect(await api.data(find, { name })).toMatchObject({ project: { id, description: "first" } });
  });

  it("a project is created by the first write to it", async () => {
    const [logged, published, started, uploaded] = [freshProject(), freshProject(), freshProject(), freshProject()];
    await api.log({ project: logged, name: "a" });
    await api.publish({ project: published });
    await api.data("mutation ($project: String!) { startRun(input: { project: $project }) { run { id } } }", {
      project: started,
    });
    await api.put(uploaded, "bytes");
    for (const name of [logged, published, started, uploaded]) {
      expect(await api.data(find, { name })).toMatchObject({ project: { name, description: null } });
    }
  });

  it("node finds projects by id, as it finds artifacts, versions, runs and steps", async () => {
    const project = freshProject();
    const { run } = await api.publish({
      project,
      metrics: { rmse: 1 },
      steps: [{ name: "s", metrics: { rmse: 2 }, outputs: [{ name: "a" }] }],
    });
    const version = run.steps.nodes[0]?.outputs.nodes[0]?.version.id ?? "";
    const found = await api.data<Record<string, { id: string }>>(
      `query ($project: String!) { project(name: $project) { id } artifact(project: $project, name: "a") { id } }`,
      { project },
    );
    const node =
      "query ($id: ID!) { node(id: $id) { __typename id ... on Execution { metrics status } ... on Artifact { name } } }";
    for (const [id, rest] of [
      [found.project?.id, { __typename: "Project" }],
      [found.artifact?.id, { __typename: "Artifact", name: "a" }],
      [version, { __typename: "Version" }],
      [run.id, { __typename: "Run", metrics: { rmse: 1 }, status: "COMPLETED" }],
      [run.steps.nodes[0]?.id, { __typename: "Step", metrics: { rmse: 2 }, status: "COMPLETED" }],
    ]) {
      expect(await api.data(node, { id })).toEqual({ node: { id, ...(rest as object) } });
    }
  });
});
