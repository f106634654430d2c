import { describe, expect, it } from "vitest";
import { type Api, useApi } from "../support/api.ts";
import { publishRun } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

function at(minute: number) {
  return `2026-01-31T12:0${minute}:00.000Z`;
}

describeEngines("publishRun", (engine) => {
  const api = useApi(engine);
  it("publishRun keeps everything about the run and its steps", async () => {
    const project = freshProject();
    const { version: read } = await api.log({ project, name: "read" });
    const { run: parent } = await api.publish({ project, name: "search" });
    const code = { repository: "https://example.com/r.git", commit: "abc", entryPoint: "train.py" };
    const said = {
      parameters: { depth: 4 },
      metadata: { note: "x", "a.b": { $type: "FLOAT", value: "NaN" } },
      metrics: { rmse: 0.5 },
      code,
      environment: { python: "3.12" },
      error: "out of memory",
      startedAt: at(1),
      endedAt: at(2),
    };
    const input = {
      project,
      pipeline: "weekly",
      name: "monday",
      key: "k1",
      status: "FAILED",
      ...said,
      tags: ["slow", "nightly"],
      parent: parent.id,
      iteration: 3,
      inputs: [{ slot: "table", role: "reference", version: read.id }],
      outputs: [{ slot: "log", role: "debug", name: "log", metadata: { lines: 2 } }],
      steps: [{ name: "fit", status: "CANCELED", ...said, tags: ["gpu"] }],
    };
    const { created, run } = await api.publish(input);
    expect(created).toBe(true);
    expect(run).toMatchObject({
      ...said,
      name: "monday",
      pipeline: "weekly",
      key: "k1",
      status: "FAILED",
      tags: ["nightly", "slow"],
      parent: { id: parent.id },
      iteration: 3,
      author: "admin",
      project: { name: project },
      inputs: { nodes: [{ name: "table", role: "reference", version: { id: read.id } }], totalCount: 1 },
      outputs: { nodes: [{ name: "log", role: "debug", version: { uri: `store://artifact/${project}/log:1` } }] },
      steps: {
        nodes: [{ ...said, name: "fit", status: "CANCELED", tags: ["gpu"], run: { id: run.id } }],
        totalCount: 1,
      },
    });
    expect(await api.run(run.id)).toEqual(run);
    expect(await api.run(parent.id)).toMatchObject({
      children: { nodes: [{ id: run.id, name: "monday" }], totalCount: 1 },
    });
    expect(await api.version(read.id)).toMatchObject({
      consumers: { nodes: [{ slot: "table", role: "reference", execution: { id: run.id, __typename: "Run" } }] },
    });
    expect(await api.publish(input)).toEqual({ created: false, run });
    expect(await api.refusal(publishRun, { input: { ...input, iteration: 4 } })).toMatchObject({ code: "CONFLICT" });
  });

  it("publishRun describes new outputs as fully as logVersion, in their own projects", async () => {
    const [project, elsewhere] = [freshProject(), freshProject()];
    const digest = await api.put(elsewhere, "bytes");
    const { version: other } = await api.log({ project, name: "other" });
    const described = {
      kind: "DOCUMENT",
      versionName: "v-1",
      description: "words",
      metadata: { a: { b: 1 } },
      tags: ["t"],
      labels: [{ key: "k", value: "v" }],
      aliases: ["best"],
      attributes: { pages: 2 },
      iteration: 2,
    };
    const model = { framework: "f", algorithm: "a", metrics: { m: 1 }, parameters: { p: 1 }, requirements: ["r"] };
    const dataset = { rows: 5, columns: [{ name: "c", type: "int" }], features: ["c"], labelColumn: "c" };
    const { run } = await api.publish({
      project,
      name: "r1",
      outputs: [
        {
          ...described,
          project: elsewhere,
          name: "{who}-of-{run}",
          substitutions: { who: "doc" },
          files: [{ path: "d.md", digest, size: 5 }],
          links: [{ rel: "see", version: other.id }],
        },
        { name: "far", location: "s3://b/{{run.id}}/{{project}}", size: 9, digest, etag: "e", model, dataset },
        { name: "other", metadata: {}, ifChanged: true },
      ],
    });
    const full = await api.version(`${elsewhere}/doc-of-r1`);
    expect(full).toMatchObject({ ...described, digest, size: 5, links: [{ rel: "see", version: { id: other.id } }] });
    expect(await api.version(`${project}/far`)).toMatchObject({
      kind: "DATASET",
      location: `s3://b/${run.id}/${project}`,
      size: 9,
      digest,
      model,
      dataset,
    });
    expect(run.outputs.nodes.map((slot) => slot.version.id)).toEqual([full.id, expect.any(String), other.id]);
  });

  it("publishRun accepts existing versions as outputs", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "a" });
    const { run } = await api.publish({ project, outputs: [{ slot: "out", version: `${project}/a:1` }] });
    expect(run.outputs.nodes).toMatchObject([{ name: "out", version: { id: version.id } }]);
    expect(await api.version(version.id)).toMatchObject({ producers: { totalCount: 1 } });
  });

  describe("references between steps", () => {
    const inputsOf = (run: Awaited<ReturnType<Api["publish"]>>["run"], step: string) =>
      run.steps.nodes
        .find((node) => node.name === step)
        ?.inputs.nodes.map((slot) => slot.version.uri.split("/").at(-1));

    it("a step refers to another's output by slot, by name, or without either if it is the only one, in any order", async () => {
      const project = freshProject();
      const { run } = await api.publish({
        project,
        steps: [
          {
            name: "use",
            inputs: [
              { slot: "x", step: "make", output: "train" },
              { slot: "y", step: "make", output: "test-data" },
              { role: "code", step: "single" },
            ],
          },
          {
            name: "make",
            outputs: [
              { slot: "train", name: "train-data" },
              { slot: "test", name: "test-data" },
            ],
          },
          { name: "single", outputs: [{ name: "only", kind: "MODEL" }] },
        ],
      });
      expect(inputsOf(run, "use")).toEqual(["train-data:1", "test-data:1", "only:1"]);
      expect(run.steps.nodes.map((node) => node.name)).toEqual(["use", "make", "single"]);
      expect(run.steps.nodes[0]?.inputs.nodes.map(({ name, role }) => [name, role])).toEqual([
        ["x", null],
        ["y", null],
        [null, "code"],
      ]);
    });

    it.each([
      ["pipe::load::output", {}],
      ["load-data", { name: "{step}-data" }],
    ])("a step refers to an output by its generated name: %s", async (output, named) => {
      const { run } = await api.publish({
        project: freshProject(),
        pipeline: "pipe",
        steps: [
          { name: "load", outputs: [named] },
          { name: "use", inputs: [{ step: "load", output }] },
        ],
      });
      expect(inputsOf(run, "use")).toEqual([`${output}:1`]);
    });

    it("a step refers to its own outputs, and the run to those of its steps", async () => {
      const project = freshProject();
      const { run } = await api.publish({
        project,
        inputs: [{ step: "loop" }],
        steps: [{ name: "loop", inputs: [{ step: "loop" }], outputs: [{ name: "state" }] }],
      });
      expect(inputsOf(run, "loop")).toEqual(["state:1"]);
      expect(run.inputs.nodes).toMatchObject([{ version: { uri: `store://artifact/${project}/state:1` } }]);
      expect(run.outputs.nodes).toEqual([]);
    });
  });

  it("an unnamed step output is named by pipeline, step and output, or by slot where there are several", async () => {
    const project = freshProject();
    await api.publish({
      project,
      pipeline: "pipe",
      steps: [
        { name: "load", outputs: [{ kind: "TABLE" }] },
        { name: "split", inputs: [{ step: "load" }], outputs: [{ slot: "train" }, { slot: "test" }] },
        { name: "named", outputs: [{ name: "{pipeline}-{step}-{run}" }] },
      ],
      name: "first",
    });
    const { versions } = await api.data<{ versions: { nodes: { uri: string }[] } }>(
      "query ($project: String!) { versions(filter: { project: { eq: $project } }) { nodes { uri } } }",
      { project },
    );
    expect(versions.nodes.map((node) => node.uri.slice("store://".length)).sort()).toEqual([
      `artifact/${project}/pipe-named-first:1`,
      `artifact/${project}/pipe::split::test:1`,
      `artifact/${project}/pipe::split::train:1`,
      `table/${project}/pipe::load::output:1`,
    ]);
  });

  it("publishRun numbers several versions of one artifact in the order of the call", async () => {
    const project = freshProject();
    const outputs = Array.from({ length: 5 }, (_, i) => ({ name: "a", metadata: { i } }));
    const { run } = await api.publish({ project, outputs });
    expect(run.outputs.nodes.map((slot) => slot.version.number)).toEqual([1, 2, 3, 4, 5]);
    expect(await api.version(`${project}/a:3`)).toMatchObject({ metadata: { i: 2 } });
  });

  it("publishRun records a step that took over the outputs of another run's step", async () => {
    const project = freshProject();
    const { run: first } = await api.publish({ project, steps: [{ name: "fit", outputs: [{ name: "m" }] }] });
    const original = first.steps.nodes[0];
    const { run } = await api.publish({
      project,
      steps: [{ name: "fit", status: "CACHED", cachedFrom: original?.id, outputs: [{ version: `${project}/m:1` }] }],
    });
    expect(run.steps.nodes).toMatchObject([{ status: "CACHED", cachedFrom: { id: original?.id } }]);
    expect(await api.version(`${project}/m`)).toMatchObject({ producers: { totalCount: 2 }, number: 1 });
  });

  it("publishRun defaults to the pipeline's name, COMPLETED and the present time", async () => {
    const project = freshProject();
    const { run } = await api.publish({ project, pipeline: "pipe" });
    expect(run).toMatchObject({
      name: "pipe",
      status: "COMPLETED",
      parameters: {},
      metadata: {},
      metrics: {},
      tags: [],
    });
    expect(run.endedAt).toBe(run.startedAt);
    expect(run.endedAt).not.toBeNull();
  });
});
