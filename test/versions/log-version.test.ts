import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { logVersion } from "../support/documents.ts";
import { describeEngines, freshProject } from "../support/service.ts";

function sha(text: string) {
  return `sha256:${createHash("sha256").update(text).digest("hex")}`;
}
const columns = [
  { name: "price", type: "double" },
  { name: "名", type: "string" },
];

describeEngines("logVersion", (engine) => {
  const api = useApi(engine);
  it("logVersion keeps everything about a table", async () => {
    const project = freshProject();
    const digest = await api.put(project, "a,b\n1,2\n");
    const { version: chart } = await api.log({ project, name: "chart" });
    const metadata = {
      rows: 3,
      deep: { "a.b": { $type: "URI", value: "s3://x" } },
      list: [1, "2"],
      ratio: 0.5,
      none: null,
    };
    const dataset = {
      columns,
      rows: 9_007_199_254_740_991,
      stats: { price: { mean: 2.5 } },
      labelColumn: "price",
      features: ["名"],
      preview: [[1, "x"]],
    };
    const { created, version } = await api.log({
      project,
      name: "train/data",
      kind: "TABLE",
      versionName: "raw_2023",
      description: "Fünf Zeilen",
      metadata,
      tags: ["weekly", "clean", "weekly"],
      labels: [
        { key: "team", value: "blue" },
        { key: "owner", value: "é" },
      ],
      aliases: ["champion", "best"],
      files: [{ path: "part/data.csv", digest, size: 8 }],
      attributes: { separator: "," },
      dataset,
      links: [{ rel: "chart", version: chart.id }],
      iteration: 4,
    });
    expect(created).toBe(true);
    const full = await api.version(version.id);
    expect(full).toMatchObject({
      ...version,
      uri: `store://table/${project}/train/data:1`,
      number: 1,
      versionName: "raw_2023",
      kind: "TABLE",
      state: "READY",
      description: "Fünf Zeilen",
      metadata,
      tags: ["clean", "weekly"],
      labels: [
        { key: "owner", value: "é" },
        { key: "team", value: "blue" },
      ],
      aliases: ["best", "champion"],
      isLatest: true,
      size: 8,
      digest,
      location: null,
      files: [{ path: "part/data.csv", digest, size: 8, url: `/versions/${version.id}/files/part/data.csv` }],
      attributes: { separator: "," },
      dataset,
      model: null,
      links: [{ rel: "chart", version: { id: chart.id } }],
      author: "admin",
      iteration: 4,
      artifact: { name: "train/data", kind: "TABLE", project: { name: project } },
    });
    expect(full.files).toMatchObject([{ contentType: expect.stringMatching(/^text\/csv/) }]);
    expect(full.entries).toEqual([
      { key: "deep.a\\.b", type: "URI", value: "s3://x" },
      { key: "list", type: "LIST", value: [1, "2"] },
      { key: "none", type: "NULL", value: null },
      { key: "ratio", type: "FLOAT", value: 0.5 },
      { key: "rows", type: "INTEGER", value: 3 },
    ]);
  });

  it("logVersion keeps everything about a model, and what is known of external bytes", async () => {
    const project = freshProject();
    const model = {
      framework: "ml-cart",
      algorithm: "CART",
      metrics: { rmse: 1.25 },
      parameters: { depth: 4 },
      inputs: columns,
      outputs: [{ name: "y", type: "double" }],
      flavors: { onnx: {} },
      requirements: ["ml-cart==2.1.1"],
      featureStats: { price: { max: 9 } },
    };
    const where = { location: "s3://bucket/{{project}}/m.bin", size: 123, digest: sha("m"), etag: '"e1"' };
    const { version } = await api.log({ project, name: "model", model, ...where });
    expect(await api.version(version.id)).toMatchObject({
      kind: "MODEL",
      model,
      location: `s3://bucket/${project}/m.bin`,
      size: 123,
      digest: sha("m"),
      files: [],
      dataset: null,
    });
  });

  it("a version has the digest of its only file, or of the manifest of several, sorted by the bytes of the paths", async () => {
    const project = freshProject();
    const digests = await Promise.all(["1", "22", "333"].map((text) => api.put(project, text)));
    // Sorted by UTF-16 units, the last two would swap.
    const paths = ["b.txt", "\uFF5E.txt", "\u{1F600}.txt"];
    const files = paths.map((path, i) => ({ path, digest: digests[i] })).reverse();
    const { version } = await api.log({ project, name: "folder", files });
    const manifest = paths.map((path, i) => `${path}\0${digests[i]}\n`).join("");
    expect(await api.version(version.id)).toMatchObject({ digest: sha(manifest), size: 6, kind: "DIRECTORY" });
    const { version: single } = await api.log({ project, name: "file", files: files.slice(0, 1) });
    expect(await api.version(single.id)).toMatchObject({ digest: digests[2], size: 3, kind: "ARTIFACT" });
  });

  describe("the default kind", () => {
    const kinds =
      "ARTIFACT DATASET MODEL PLOT TABLE DOCUMENT LINK DIRECTORY FEATURE_SET FEATURE_VECTOR SERVICE STATISTICS SCHEMA ANALYSIS CUSTOM";
    it.each<[string, object]>([
      ["DATASET", { dataset: { rows: 1 } }],
      ["MODEL", { model: { framework: "x" } }],
      ["LINK", { location: "https://example.com/x" }],
      ["ARTIFACT", { metadata: { a: 1 } }],
      ...kinds.split(" ").map((kind): [string, object] => [kind, { kind, model: { framework: "x" } }]),
    ])("a version has the kind %s when it is logged with %j", async (kind, input) => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "thing", ...input });
      expect(version.kind).toBe(kind);
      expect(version.uri).toBe(`store://${kind.toLowerCase().replace("_", "-")}/${project}/thing:1`);
    });
  });

  it("a version has its artifact's kind, which only a later version that gives one changes", async () => {
    const project = freshProject();
    const kindOf = async () =>
      (
        await api.data<{ artifact: { kind: string } }>(
          `query ($project: String!) { artifact(project: $project, name: "a") { kind } }`,
          { project },
        )
      ).artifact.kind;
    await api.log({ project, name: "a", dataset: { rows: 1 } });
    const { version: second } = await api.log({ project, name: "a", model: { framework: "x" } });
    expect([second.kind, await kindOf()]).toEqual(["DATASET", "DATASET"]);
    const { version: third } = await api.log({ project, name: "a", kind: "PLOT" });
    expect([third.kind, await kindOf()]).toEqual(["PLOT", "PLOT"]);
    expect(await api.version(`${project}/a:1`)).toMatchObject({ kind: "DATASET", isLatest: false });
    expect(await api.version(`${project}/a:3`)).toMatchObject({ isLatest: true });
  });

  it("versions are numbered without gaps, later ones later, and an alias moves to its newest holder", async () => {
    const project = freshProject();
    const first = await api.log({ project, name: "a", aliases: ["best", "first"] });
    const second = await api.log({ project, name: "a", aliases: ["best"] });
    await api.log({ project, name: "b" });
    const third = await api.log({ project, name: "a" });
    expect([first, second, third].map(({ version }) => version.number)).toEqual([1, 2, 3]);
    expect(third.version.createdAt > second.version.createdAt).toBe(true);
    const artifact = await api.data(
      `query ($project: String!) { artifact(project: $project, name: "a") {
        id name kind description tags createdAt updatedAt project { id } latest { id } aliases { alias version { id } }
        versions { nodes { id } totalCount }
      } }`,
      { project },
    );
    expect(artifact).toMatchObject({
      artifact: {
        name: "a",
        updatedAt: third.version.createdAt,
        latest: { id: third.version.id },
        aliases: [
          { alias: "best", version: { id: second.version.id } },
          { alias: "first", version: { id: first.version.id } },
        ],
        versions: { nodes: [third, second, first].map(({ version }) => ({ id: version.id })), totalCount: 3 },
      },
    });
  });

  it("a version shows the description and tags of its artifact, no matter who set them", async () => {
    const project = freshProject();
    await api.log({ project, name: "a" });
    const text = `MATCH (a:Artifact {key: $key}) SET a.description = 'what it is' CREATE (a)-[:HAS_TAG]->(:Tag {name: 'gold', project: $project})`;
    await api.meddle(text, { key: `${project}/a`, project });
    const ask = `query ($project: String!) { artifact(project: $project, name: "a") { description tags } }`;
    expect(await api.data(ask, { project })).toEqual({ artifact: { description: "what it is", tags: ["gold"] } });
    expect(await api.data(ask.replace(`"a"`, `"unknown"`), { project })).toEqual({ artifact: null });
  });

  it("placeholders of an artifact name are filled in, and unknown ones are refused with the list of known ones", async () => {
    const project = freshProject();
    const { version } = await api.log({ project, name: "{who}-{date}-{time}", substitutions: { who: "me" } });
    expect(version.uri).toMatch(/\/me-\d{4}_\d\d_\d\d-\d\d_\d\d_\d\d_\d{3}:1$/);
    const refused = await api.refusal(logVersion, {
      input: { project, name: "x-{step}", substitutions: { who: "me" } },
    });
    expect(refused).toMatchObject({ code: "INVALID_INPUT", field: "name" });
    expect(refused.message).toMatch(/\{step\}.*\{date\}.*\{who\}/);
  });
});
