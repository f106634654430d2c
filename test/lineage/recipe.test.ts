import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const slot = "slot role digest version { uri }";
const query = `query ($of: VersionRef!) { recipe(of: $of) { complete missing roCrate steps {
  execution { id name } name code { repository commit entryPoint } parameters environment inputs { ${slot} } outputs { ${slot} } } } }`;

/** How versions can be made again. */
describeEngines("recipes", (engine) => {
  const api = useApi(engine);
  const code = { repository: "r", commit: "c", entryPoint: "e" };

  it("a recipe has everything about each execution, in order, and is also served as documents", async () => {
    const project = freshProject();
    const digest = await api.put(project, "bytes");
    const outputs = [{ slot: "out", role: "made", name: "b", files: [{ path: "f", digest }] }];
    const more = { code, parameters: { lr: 0.5 }, environment: { image: "i" } };
    await api.log({ project, name: "a", location: "s3://b/a", digest });
    const inputs = [{ slot: "in", role: "read", version: `${project}/a` }];
    const { run } = await api.publish({ project, name: "make", ...more, inputs, outputs });
    await api.publish({ project, name: "use", inputs: [{ version: `${project}/b` }], outputs: [{ name: "c" }] });
    const recipe = async (name: string) =>
      (await api.data<{ recipe: Record<string, unknown> }>(query, { of: `${project}/${name}` })).recipe;
    const made = await recipe("b");
    expect(made).toMatchObject({
      complete: true,
      missing: [],
      roCrate: { "@graph": expect.any(Array) },
      steps: [
        {
          execution: { id: run.id, name: "make" },
          name: "make",
          ...more,
          inputs: [{ slot: "in", role: "read", digest, version: { uri: `store://link/${project}/a:1` } }],
          outputs: [{ slot: "out", role: "made", digest, version: { uri: `store://artifact/${project}/b:1` } }],
        },
      ],
    });
    const document = async (name: string) =>
      (await api.http(`/versions/${encodeURIComponent(`${project}/b`)}/${name}`)).json();
    expect(await document("ro-crate-metadata.json")).toEqual(made.roCrate);
    expect(await document("recipe.json")).toMatchObject({ complete: true, steps: [{ name: "make", ...more }] });
    expect(await recipe("c")).toMatchObject({
      complete: false,
      missing: [expect.stringMatching(/^use \(.+\) has no code$/)],
      steps: [{ name: "make" }, { name: "use" }],
    });
  });
});
