import { beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

interface Lineage {
  roots: { id: string }[];
  nodes: { id: string; depth: number; node: { __typename: string; id: string; name?: string } }[];
  edges: { from: string; to: string; kind: string; slot: string | null; role: string | null }[];
  truncated: boolean;
  omitted: { depth: number; count: number | null }[];
}

const fields = `roots { id } truncated omitted { depth count } edges { from to kind slot role }
  nodes { id depth node { __typename ... on Version { id uri } ... on Artifact { id name } ... on Execution { id name } } }`;
const parameters = "$direction: Direction, $depth: Int, $granularity: Granularity, $limit: Int";
const given = "direction: $direction, depth: $depth, granularity: $granularity, limit: $limit";
const byQuery = `query ($of: [VersionRef!]!, ${parameters}) { lineage(of: $of, ${given}) { ${fields} } }`;
const byVersion = `query ($ref: VersionRef!, ${parameters}) { version(ref: $ref) { lineage(${given}) { ${fields} } } }`;

describeEngines("lineage", (engine) => {
  const api = useApi(engine);
  const lineage = async (of: string[], args: object = {}) =>
    (await api.data<{ lineage: Lineage }>(byQuery, { of, ...args })).lineage;
  const ofVersion = async (ref: string, args: object = {}) =>
    (await api.data<{ version: { lineage: Lineage } }>(byVersion, { ref, ...args })).version.lineage;

  /** raw → load → table → split → train, test → fit → model → {eval, report} → 2 things. */
  const ids: Record<string, string> = {};
  const project = freshProject();
  const named = (things: { id: string }[]) =>
    things.map(({ id }) => Object.keys(ids).find((name) => ids[name] === id) ?? id);
  const depths = ({ nodes }: Lineage) => Object.fromEntries(nodes.map((node) => [named([node])[0], node.depth]));

  beforeAll(async () => {
    ids.raw = (await api.log({ project, name: "raw" })).version.id;
    const { run } = await api.publish({
      project,
      steps: [
        { name: "load", inputs: [{ slot: "in", role: "source", version: ids.raw }], outputs: [{ name: "table" }] },
        {
          name: "split",
          inputs: [{ step: "load" }],
          outputs: [
            { slot: "train", name: "train" },
            { slot: "test", name: "test" },
          ],
        },
        { name: "fit", inputs: [{ step: "split", output: "train" }], outputs: [{ name: "model", kind: "MODEL" }] },
        { name: "eval", inputs: [{ step: "fit" }, { step: "split", output: "test" }], outputs: [{ name: "score" }] },
        { name: "report", inputs: [{ step: "fit" }], outputs: [{ name: "text" }] },
      ],
    });
    ids.run = run.id;
    for (const { id, name, outputs } of run.steps.nodes) {
      ids[name] = id;
      for (const { version } of outputs.nodes) ids[version.uri.replace(/.*\/(.*):\d+$/, "$1")] = version.id;
    }
  });

  it("a lineage goes upstream, downstream or both ways, and shows each node once with its signed depth", async () => {
    const upstream = { model: 0, fit: -1, train: -1, split: -2, table: -2, load: -3, raw: -3 };
    const downstream = { model: 0, eval: 1, report: 1, score: 1, text: 1 };
    const model = ids.model ?? "";
    expect(depths(await lineage([model], { direction: "UPSTREAM" }))).toEqual(upstream);
    expect(depths(await ofVersion(model, { direction: "DOWNSTREAM" }))).toEqual(downstream);
    const both = await lineage([model], { direction: "BOTH", granularity: "EXECUTION" });
    expect(depths(both)).toEqual({ ...upstream, ...downstream });
    expect(named(both.roots)).toEqual(["model"]);
    expect(await ofVersion(model)).toEqual(both);
    expect(both.edges).toContainEqual({ from: ids.raw, to: ids.load, kind: "CONSUMED", slot: "in", role: "source" });
    expect(both.edges).toContainEqual({ from: ids.split, to: ids.train, kind: "PRODUCED", slot: "train", role: null });
    // From split to test no edge is shown: test is neither an ancestor nor a descendant.
    expect(both.edges).toHaveLength(10);
    expect([both.truncated, both.omitted]).toEqual([false, []]);
    const distances = both.nodes.map((node) => Math.abs(node.depth));
    expect(distances).toEqual([...distances].sort((a, b) => a - b));
    expect(both.nodes.map(({ id, node }) => [id, node.id])).toEqual(both.nodes.map(({ id }) => [id, id]));
  });

  it("a lineage ends at its depth without being truncated, and depth 0 is the root alone", async () => {
    const model = ids.model ?? "";
    const near = await lineage([model], { direction: "UPSTREAM", depth: 1 });
    expect(depths(near)).toEqual({ model: 0, fit: -1, train: -1 });
    expect([near.truncated, near.omitted]).toEqual([false, []]);
    expect(depths(await ofVersion(model, { depth: 0 }))).toEqual({ model: 0 });
    expect(depths(await ofVersion(model, { depth: 1, direction: "UPSTREAM" }))).toEqual(depths(near));
    expect(depths(await lineage([model], { direction: "UPSTREAM", depth: 10_000 }))).toMatchObject({ raw: -3 });
  });

  it("a truncated lineage reports the first incomplete level, and that there is more", async () => {
    const model = ids.model ?? "";
    for (const args of [{ direction: "UPSTREAM", limit: 4 }]) {
      const cut = await lineage([model], args);
      expect(cut.nodes).toHaveLength(4);
      expect(cut.truncated).toBe(true);
      expect(cut.omitted).toEqual([
        { depth: -2, count: 1 },
        { depth: -3, count: null },
      ]);
      expect(await ofVersion(model, args)).toEqual(cut);
    }
    const down = await lineage([model], { direction: "DOWNSTREAM", limit: 2 });
    expect(down.omitted).toEqual([{ depth: 1, count: 3 }]);
    const both = await lineage([model], { limit: 1 });
    expect(both.nodes.map((node) => node.id)).toEqual([model]);
    expect(both.truncated).toBe(true);
    expect([...both.omitted].sort((a, b) => a.depth - b.depth)).toEqual([
      { depth: -2, count: null },
      { depth: -1, count: 2 },
      { depth: 1, count: 4 },
    ]);
    const whole = await lineage([model], { direction: "UPSTREAM", limit: 7 });
    expect([whole.nodes.length, whole.truncated, whole.omitted]).toEqual([7, false, []]);
    const shallow = await lineage([model], { direction: "UPSTREAM", limit: 2, depth: 1 });
    expect([shallow.truncated, shallow.omitted]).toEqual([true, [{ depth: -1, count: 1 }]]);
  });

  it("a lineage joins versions, or artifacts, over the executions between them", async () => {
    const model = ids.model ?? "";
    const versions = await lineage([model], { granularity: "VERSION", direction: "UPSTREAM" });
    expect(depths(versions)).toEqual({ model: 0, train: -1, table: -2, raw: -3 });
    expect(versions.edges.map(({ from, to, kind }) => [...named([{ id: from }, { id: to }]), kind]).sort()).toEqual([
      ["raw", "table", "DERIVED"],
      ["table", "train", "DERIVED"],
      ["train", "model", "DERIVED"],
    ]);
    const { version: second } = await api.log({ project, name: "model" });
    const artifacts = await ofVersion(model, { granularity: "ARTIFACT", direction: "UPSTREAM" });
    const names = artifacts.nodes.map(({ node, depth }) => [node.__typename, node.name, depth]);
    expect(names).toEqual([
      ["Artifact", "model", 0],
      ["Artifact", "train", -1],
      ["Artifact", "table", -2],
      ["Artifact", "raw", -3],
    ]);
    expect(artifacts.edges).toHaveLength(3);
    const two = await lineage([second.id, model], { granularity: "ARTIFACT", direction: "UPSTREAM" });
    expect(two.nodes).toEqual(artifacts.nodes);
    expect(named(two.roots)).toEqual([second.id, "model"]);
    const limited = await lineage([model], { granularity: "VERSION", direction: "UPSTREAM", limit: 2 });
    expect([limited.nodes.length, limited.truncated, limited.omitted]).toEqual([
      2,
      true,
      [
        { depth: -2, count: 1 },
        { depth: -3, count: null },
      ],
    ]);
  });

  it("a lineage starts from several roots in any form, a duplicate one counted once", async () => {
    const both = await lineage([`${project}/score`, ids.score ?? "", `store://artifact/${project}/text`], {
      direction: "UPSTREAM",
      depth: 1,
    });
    expect(named(both.roots)).toEqual(["score", "text"]);
    expect(depths(both)).toEqual({ score: 0, text: 0, eval: -1, report: -1, model: -1, test: -1 });
  });

  it("a lineage shows a version that depends on itself", async () => {
    const own = freshProject();
    const { run } = await api.publish({
      project: own,
      steps: [{ name: "loop", inputs: [{ step: "loop" }], outputs: [{ name: "state" }] }],
    });
    const root = run.steps.nodes[0]?.outputs.nodes[0]?.version.id ?? "";
    const answer = await lineage([root]);
    expect(answer.nodes.map(({ id, depth }) => [id, depth])).toEqual([
      [root, 0],
      [run.steps.nodes[0]?.id, 1],
    ]);
    expect(answer.edges.map((edge) => edge.kind).sort()).toEqual(["CONSUMED", "PRODUCED"]);
    const versions = await lineage([root], { granularity: "VERSION" });
    expect(versions.edges).toMatchObject([{ from: root, to: root, kind: "DERIVED" }]);
  });

  it("a lineage shows a version in two slots of one execution with both edges", async () => {
    const own = freshProject();
    const { version } = await api.log({ project: own, name: "a" });
    const inputs = [
      { slot: "x", version: version.id },
      { slot: "y", version: version.id },
    ];
    await api.publish({ project: own, inputs });
    const answer = await lineage([version.id], { direction: "DOWNSTREAM" });
    expect(answer.edges.map((edge) => edge.slot).sort()).toEqual(["x", "y"]);
    expect(answer.nodes).toHaveLength(2);
  });

  describe("refused arguments", () => {
    it.each([
      ["depth", { depth: -1 }],
      ["depth", { depth: 10_001 }],
      ["limit", { limit: 0 }],
      ["limit", { limit: 10_001 }],
    ])("a lineage refuses a %s out of bounds: %j", async (field, args) => {
      const refused = { code: "INVALID_INPUT", field };
      expect(await api.refusal(byQuery, { of: [ids.raw], ...args })).toMatchObject(refused);
      expect(await api.refusal(byVersion, { ref: ids.raw, ...args })).toMatchObject(refused);
    });

    it("a lineage refuses no roots and more than 100", async () => {
      expect(await api.refusal(byQuery, { of: [] })).toMatchObject({ code: "INVALID_INPUT", field: "of" });
      const many = Array.from({ length: 101 }, () => ids.raw);
      expect(await api.refusal(byQuery, { of: many })).toMatchObject({ code: "INVALID_INPUT", field: "of" });
      expect((await lineage(many.slice(1) as string[])).roots).toHaveLength(1);
    });

    it("a lineage of unknown or ambiguous roots is null", async () => {
      const of = [ids.raw, `${project}/unknown`];
      const answer = await api.ask(byQuery, { of });
      expect(answer).toMatchObject({ data: { lineage: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
    });
  });
});
