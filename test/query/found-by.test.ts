import { beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { changesOf } from "../support/changes.ts";
import { describeEngines, freshProject } from "../support/service.ts";

type List = "versions" | "artifacts" | "runs";
type Found = Record<List, { nodes: { name: string }[]; totalCount: number }>;

const query = `query ($versions: VersionFilter, $artifacts: ArtifactFilter, $runs: RunFilter) {
  versions(filter: $versions) { nodes { name: versionName } totalCount }
  artifacts(filter: $artifacts) { nodes { name } totalCount }
  runs(filter: $runs) { nodes { name } totalCount } }`;

function score(compare: object) {
  return { metadata: [{ key: "deep.score", ...compare }] };
}
function framework(compare: object) {
  return { metadata: [{ key: "framework", ...compare }] };
}
function label(key: string, value?: object) {
  return { labels: [{ key, ...(value && { value }) }] };
}

/** A filter and the names of the versions that it finds; `beforeAll` below creates them. */
const versionCases: [string, object, string][] = [
  ["a label's key", label("stage"), "a b"],
  ["a label's value", label("stage", { eq: "test" }), "b"],
  ["two labels", { labels: [{ key: "stage" }, { key: "team", value: { startsWith: "r" } }] }, "a"],
  ["not a label", { not: label("stage") }, "c made"],
  ["a number eq", score({ eq: 9 }), "b"],
  ["a number gt, as a number", score({ gt: 9 }), "a"],
  ["a number gte", score({ gte: 9 }), "a b"],
  ["a number lt", score({ lt: 10 }), "b"],
  ["a number lte", score({ lte: 10 }), "a b"],
  ["a text eq", score({ eq: "9" }), "c"],
  ["a text gte", framework({ gte: "sklearn" }), "b"],
  ["one of some", score({ in: [10, "9", "none such"] }), "a c"],
  ["a text that holds another", framework({ contains: "tor" }), "a"],
  ["an existing key", framework({ exists: true }), "a b"],
  ["a key that isn't there", framework({ exists: false }), "c made"],
  ["a key with a dot in it", { metadata: [{ key: "dotted\\.key", eq: true }] }, "a"],
  [
    "all of several keys",
    {
      metadata: [
        { key: "deep.score", gt: 1 },
        { key: "framework", eq: "sklearn" },
      ],
    },
    "b",
  ],
  ["an alias", { alias: { eq: "best" } }, "b"],
  ["one of several aliases", { alias: { in: ["best", "first"] } }, "a b"],
  ["not an alias", { not: { alias: { startsWith: "b" } } }, "a c made"],
  ["the latest", { latest: true }, "c made"],
  ["all but the latest", { latest: false }, "a b"],
  ["the pipeline that made it", { producedBy: { pipeline: { eq: "weekly" } } }, "c made"],
  ["the step that made it", { producedBy: { step: { eq: "train" } } }, "made"],
  ["the run that made it, by name", { producedBy: { run: { eq: "found" } } }, "c made"],
  ["the run that made it, by key", { producedBy: { run: { eq: "found-key" } } }, "c made"],
  ["a step of another run", { producedBy: { run: { eq: "none" }, step: { eq: "train" } } }, ""],
  ["the step that read it", { consumedBy: { step: { startsWith: "tr" } } }, "b"],
  ["the run that read it", { consumedBy: { run: { eq: "found" } } }, "a b"],
  ["the pipeline that read it", { consumedBy: { pipeline: { contains: "eek" } } }, "a b"],
  ["not read by a step", { not: { consumedBy: { step: { eq: "train" } } } }, "a c made"],
];

const runCases: [string, object, string][] = [
  ["a parameter", { parameters: [{ key: "opt.lr", lt: 1 }] }, "found"],
  ["not a parameter", { not: { parameters: [{ key: "opt.lr", eq: 5 }] } }, "found"],
  [
    "a metric",
    {
      metrics: [
        { key: "auc", gte: 0.5 },
        { key: "loss", exists: false },
      ],
    },
    "found",
  ],
  ["metadata", { metadata: [{ key: "who", contains: "d" }] }, "found"],
  ["metadata that both have", { metadata: [{ key: "who", exists: true }] }, "found other"],
  ["a parameter that is metadata", { parameters: [{ key: "who", exists: true }] }, ""],
];

const artifactCases: [string, object, string][] = [
  ["eq", { tag: { eq: "gold" } }, "found/m"],
  ["in", { tag: { in: ["gold", "silver"] } }, "found/m found/n"],
  ["not", { not: { tag: { contains: "old" } } }, "found/n"],
];

describeEngines("filter operators", (engine) => {
  const api = useApi(engine);
  const { change } = changesOf(api);
  const project = freshProject();
  const find = async (list: List, filter: object): Promise<string> => {
    const mine = { project: { eq: project }, and: [filter] };
    const { nodes, totalCount } = (await api.data<Found>(query, { [list]: mine }))[list];
    expect(totalCount).toBe(nodes.length);
    return nodes
      .map((item) => item.name)
      .sort()
      .join(" ");
  };

  const logVersions = async () => {
    const log = (versionName: string, more: object) => api.log({ project, name: "found/m", versionName, ...more });
    const labels = (pairs: Record<string, string>) => Object.entries(pairs).map(([key, value]) => ({ key, value }));
    await log("a", {
      labels: labels({ stage: "prod", team: "red" }),
      metadata: { deep: { score: 10 }, framework: "pytorch", "dotted.key": true },
      aliases: ["first"],
    });
    await log("b", {
      labels: labels({ stage: "test", team: "blue" }),
      metadata: { deep: { score: 9 }, framework: "sklearn" },
      aliases: ["best"],
    });
  };

  beforeAll(async () => {
    await logVersions();
    const read = (name: string) => [{ version: `${project}/found/m:${name}` }];
    await api.publish({
      project,
      name: "found",
      key: "found-key",
      pipeline: "weekly",
      parameters: { opt: { lr: 0.1 } },
      metrics: { auc: 0.9 },
      metadata: { who: "Ada" },
      inputs: read("a"),
      outputs: [{ name: "found/m", versionName: "c", metadata: { deep: { score: "9" } } }],
      steps: [{ name: "train", inputs: read("b"), outputs: [{ name: "found/n", versionName: "made" }] }],
    });
    const other = { parameters: { opt: { lr: 5 } }, metrics: { auc: 0.9, loss: 1 }, metadata: { who: 7 } };
    await api.publish({ project, name: "other", ...other });
    await change<object>("updateArtifact", { project, name: "found/m", tags: { add: ["gold"] } });
    await change<object>("updateArtifact", { project, name: "found/n", tags: { add: ["silver"] } });
  });

  describe("versions", () => {
    it.each(versionCases)("versions are found by %s", async (_name, filter, expected) => {
      expect(await find("versions", filter)).toBe(expected);
    });
  });

  describe("runs", () => {
    it.each(runCases)("runs are found by %s", async (_name, filter, expected) => {
      expect(await find("runs", filter)).toBe(expected);
    });
  });

  describe("artifacts", () => {
    it.each(artifactCases)("artifacts are found by tag: %s", async (_name, filter, expected) => {
      expect(await find("artifacts", filter)).toBe(expected);
    });
  });

  it("values without an order match no comparison", async () => {
    for (const compare of [{ gt: [1] }, { lt: true }, { lte: {} }]) {
      expect([compare, await find("versions", score(compare))]).toEqual([compare, ""]);
    }
  });
});
