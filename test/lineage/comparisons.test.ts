import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const changes = "added { key left right } removed { key left right } changed { key left right }";
const diffQuery = `query ($left: VersionRef!, $right: VersionRef!) { diff(left: $left, right: $right) {
  metadata { ${changes} } parameters { ${changes} } metrics { ${changes} } files { ${changes} } schema { ${changes} }
  lineage { entered { uri } left { uri } moved { artifact { name } left { uri } right { uri } } } } }`;
const rows = "metadata { key values changes } parameters { key values changes } metrics { key values changes }";
const versionsQuery = `query ($of: [VersionRef!]!) { compareVersions(of: $of) { ${rows} } }`;
const runsQuery = `query ($of: [ID!]!) { compareRuns(of: $of) { ${rows} } }`;

type Change = { key: string; left: unknown; right: unknown };
type Changes = { added: Change[]; removed: Change[]; changed: Change[] };
type Uri = { uri: string };
interface Diff extends Record<"metadata" | "parameters" | "metrics" | "files" | "schema", Changes> {
  lineage: { entered: Uri[]; left: Uri[]; moved: { artifact: { name: string }; left: Uri; right: Uri }[] };
}
type Row = { key: string; values: unknown[]; changes: (number | null)[] };
type Comparison = Record<"metadata" | "parameters" | "metrics", Row[]>;

/** Differences between two or many versions or runs. */
describeEngines("comparisons", (engine) => {
  const api = useApi(engine);
  const diff = async (left: string, right: string) => (await api.data<{ diff: Diff }>(diffQuery, { left, right })).diff;
  const short = ({ uri }: Uri) => uri.split("/").at(-1);
  const nothing = { added: [], removed: [], changed: [] };

  describe("diff", () => {
    it("diff compares metadata, parameters, metrics, files and columns, left against right", async () => {
      const project = freshProject();
      const [one, two] = [await api.put(project, "one"), await api.put(project, "two")];
      const side = (version: object, execution: object) =>
        api.publish({ project, steps: [{ name: "fit", ...execution, outputs: [{ name: "model", ...version }] }] });
      const column = (name: string, type: string) => ({ name, type });
      await side(
        {
          metadata: { same: [1], deep: { "a.b": 1, gone: null }, at: { $type: "URI", value: "s3://x" }, text: "1" },
          model: { parameters: { depth: 4 }, metrics: { rmse: 0.5 } },
          dataset: { columns: [column("id", "int"), column("old", "text"), column("y", "int")] },
          files: [
            { path: "m", digest: one },
            { path: "same", digest: one },
          ],
        },
        { parameters: { rate: 0.1, depth: 9 }, metrics: { loss: 2 } },
      );
      await side(
        {
          metadata: { same: [1], deep: { "a.b": 2 }, at: "s3://x", text: 1, more: {} },
          model: { parameters: { depth: 4, trees: 3 }, metrics: {} },
          dataset: { columns: [column("id", "int"), column("y", "double"), column("new", "text")] },
          files: [
            { path: "m", digest: two },
            { path: "same", digest: one },
          ],
        },
        { parameters: { rate: 0.2, depth: 8 }, metrics: { loss: 2 } },
      );
      const { lineage, ...found } = await diff(`${project}/model:1`, `${project}/model:2`);
      expect(found).toEqual({
        metadata: {
          added: [{ key: "more", left: null, right: {} }],
          removed: [{ key: "deep.gone", left: null, right: null }],
          changed: [
            { key: "at", left: { $type: "URI", value: "s3://x" }, right: "s3://x" },
            { key: "deep.a\\.b", left: 1, right: 2 },
            { key: "text", left: "1", right: 1 },
          ],
        },
        parameters: {
          added: [{ key: "trees", left: null, right: 3 }],
          removed: [],
          changed: [{ key: "rate", left: 0.1, right: 0.2 }],
        },
        metrics: { added: [], removed: [{ key: "rmse", left: 0.5, right: null }], changed: [] },
        files: { added: [], removed: [], changed: [{ key: "m", left: one, right: two }] },
        schema: {
          added: [{ key: "new", left: null, right: "text" }],
          removed: [{ key: "old", left: "text", right: null }],
          changed: [{ key: "y", left: "int", right: "double" }],
        },
      });
      expect(lineage).toEqual({ entered: [], left: [], moved: [] });
    });

    it("diff lists what entered, left and moved upstream, but not the two versions themselves", async () => {
      const project = freshProject();
      for (const name of ["raw", "raw", "base", "code", "code", "code", "tests"]) await api.log({ project, name });
      const ref = (name: string) => `${project}/${name}`;
      await api.log({ project, name: "table", inputs: [ref("raw:1")] });
      await api.log({ project, name: "table", inputs: [ref("raw:2")] });
      const first = [ref("table:1"), ref("base"), ref("code:1"), ref("tests")];
      await api.log({ project, name: "model", inputs: first });
      await api.log({
        project,
        name: "model",
        inputs: [ref("table:2"), ref("base"), ref("code:2"), ref("code:3")],
      });
      const { lineage } = await diff(ref("model:1"), ref("model:2"));
      expect(lineage.moved.map(({ artifact, left, right }) => [artifact.name, short(left), short(right)])).toEqual([
        ["code", "code:1", "code:3"],
        ["raw", "raw:1", "raw:2"],
        ["table", "table:1", "table:2"],
      ]);
      expect([lineage.entered.map(short), lineage.left.map(short)]).toEqual([["code:2"], ["tests:1"]]);
      const back = (await diff(ref("model:2"), ref("model:1"))).lineage;
      expect([back.entered.map(short), back.left.map(short)]).toEqual([["tests:1"], ["code:2"]]);
      await api.log({ project, name: "model", inputs: [ref("model:1")] });
      const onwards = (await diff(ref("model:1"), ref("model:3"))).lineage;
      expect([onwards.entered, onwards.left, onwards.moved]).toEqual([[], [], []]);
    });

    it("diff compares the first completed producers", async () => {
      const project = freshProject();
      const output = { version: `${project}/a` };
      const { version } = await api.log({ project, name: "a" });
      await api.log({ project, name: "b" });
      for (const [status, seed] of [
        ["FAILED", 1],
        ["COMPLETED", 2],
        ["COMPLETED", 3],
      ] as const)
        await api.publish({ project, status, parameters: { seed }, outputs: [output] });
      const { parameters } = await diff(version.id, `${project}/b`);
      expect(parameters).toEqual({ ...nothing, removed: [{ key: "seed", left: 2, right: null }] });
    });

    it("diff of a version with itself is empty", async () => {
      const project = freshProject();
      await api.log({ project, name: "raw" });
      await api.log({ project, name: "a", metadata: { a: 1 }, inputs: [`${project}/raw`] });
      const { lineage, ...rest } = await diff(`${project}/a`, `${project}/a:1`);
      for (const found of Object.values(rest)) expect(found).toEqual(nothing);
      expect(lineage).toEqual({ entered: [], left: [], moved: [] });
    });

    it("diff of an unknown reference is null and names that reference", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "a" });
      const answer = await api.ask(diffQuery, { left: version.id, right: `${project}/none` });
      expect(answer).toMatchObject({ data: { diff: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
      const refused = await api.refusal(diffQuery, { left: version.id, right: "?" });
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field: "right" });
    });
  });

  describe("tables", () => {
    const of = async (items: string[]) =>
      (await api.data<{ compareVersions: Comparison }>(versionsQuery, { of: items })).compareVersions;

    it("compareVersions returns tables of keys by version, with changes from the first", async () => {
      const project = freshProject();
      const log = (metadata: object, model?: object) =>
        api.log({ project, name: "m", metadata, ...(model && { model }) });
      await log(
        { b: 2, a: { x: "old" }, n: { $type: "FLOAT", value: 3 } },
        { metrics: { rmse: 0.5 }, parameters: { depth: 2 } },
      );
      await log({ b: 2.5, n: 4, list: [1] });
      await log({ b: "2", a: { x: "new" }, n: 1 }, { metrics: { rmse: 0.25 } });
      const ref = (number: number) => `${project}/m:${number}`;
      const found = await of([ref(1), ref(2), ref(3), ref(1)]);
      expect(found.metadata).toEqual([
        { key: "a.x", values: ["old", null, "new", "old"], changes: [null, null, null, null] },
        { key: "b", values: [2, 2.5, "2", 2], changes: [0, 0.5, null, 0] },
        { key: "list", values: [null, [1], null, null], changes: [null, null, null, null] },
        { key: "n", values: [3, 4, 1, 3], changes: [0, 1, -2, 0] },
      ]);
      expect(found.metrics).toEqual([{ key: "rmse", values: [0.5, null, 0.25, 0.5], changes: [0, null, -0.25, 0] }]);
      expect(found.parameters).toEqual([{ key: "depth", values: [2, null, null, 2], changes: [0, null, null, 0] }]);
    });

    it("compareRuns of 200 runs takes as many statements as of 2", async () => {
      const project = freshProject();
      const ids: string[] = [];
      const publish = async (i: number) => {
        const recorded = { metrics: { loss: i }, parameters: { seed: { a: -i } }, metadata: { i } };
        return (await api.publish({ project, ...recorded })).run.id;
      };
      // 20 at a time: one by one they take most of the test's time.
      for (let i = 0; i < 200; i += 20)
        ids.push(...(await Promise.all(Array.from({ length: 20 }, (_, k) => publish(i + k)))));
      const compare = async (items: string[]) => {
        api.statements();
        const { compareRuns } = await api.data<{ compareRuns: Comparison }>(runsQuery, { of: items });
        return { ...compareRuns, statements: api.statements() };
      };
      const [two, all] = [await compare(ids.slice(0, 2)), await compare(ids)];
      expect(all.statements).toEqual(two.statements);
      expect(two.metrics).toEqual([{ key: "loss", values: [0, 1], changes: [0, 1] }]);
      expect(all.parameters[0]?.key).toBe("seed.a");
      expect(all.metadata[0]?.changes[199]).toBe(199);
      const refused = await api.refusal(runsQuery, { of: [...ids, ids[0]] });
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field: "of" });
    }, 60_000);

    it("compareVersions of 100 versions takes as many statements as of one", async () => {
      const project = freshProject();
      const outputs = Array.from({ length: 100 }, (_, i) => ({ name: "a", metadata: { i } }));
      const { run } = await api.publish({ project, parameters: { p: 1 }, outputs });
      const ids = run.outputs.nodes.map(({ version }) => version.id);
      api.statements();
      await of(ids.slice(0, 1));
      const one = api.statements();
      expect((await of(ids.slice(0, 50))).parameters[0]?.values).toHaveLength(Math.min(50, ids.length));
      expect(api.statements()).toEqual(one);
    });

    it("comparisons refuse empty and oversized lists, unknown ids, and ids of other types", async () => {
      const project = freshProject();
      const { run } = await api.publish({ project, steps: [{ name: "s" }] });
      const tooFew = { code: "INVALID_INPUT", field: "of" };
      expect(await api.refusal(versionsQuery, { of: [] })).toMatchObject(tooFew);
      expect(await api.refusal(runsQuery, { of: [] })).toMatchObject(tooFew);
      expect(await api.refusal(versionsQuery, { of: Array(201).fill(`${project}/a`) })).toMatchObject(tooFew);
      expect(await api.refusal(versionsQuery, { of: [`${project}/a`] })).toMatchObject({ code: "NOT_FOUND" });
      const step = run.steps.nodes[0]?.id;
      const answer = await api.ask(runsQuery, { of: [run.id, step] });
      expect(answer).toMatchObject({ data: { compareRuns: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
    });
  });

  it("comparisons reveal nothing that may not be read", async () => {
    const { open, secret } = api.projects;
    const tag = freshProject();
    const name = (what: string) => `compared/${tag}/${what}`;
    await api.log({ project: secret, name: name("hidden") });
    await api.log({ project: open, name: name("shown") });
    const { run } = await api.publish({
      project: secret,
      parameters: { secret: 1 },
      inputs: [{ version: `${secret}/${name("hidden")}` }, { version: `${open}/${name("shown")}` }],
      outputs: [{ project: open, name: name("made") }],
    });
    const { version } = await api.log({ project: open, name: name("other") });
    const [left, right] = [version.id, `${open}/${name("made")}`];
    const ask = async (actor: "viewer" | "both") =>
      (await api.data<{ diff: Diff }>(diffQuery, { left, right }, actor)).diff;
    const [whole, part] = [await ask("both"), await ask("viewer")];
    expect(whole.parameters.added).toEqual([{ key: "secret", left: null, right: 1 }]);
    expect(whole.lineage.entered).toHaveLength(2);
    expect(part.parameters).toEqual(nothing);
    expect(part.lineage.entered.map(short)).toEqual(["shown:1"]);
    const { compareVersions } = await api.data<{ compareVersions: Comparison }>(
      versionsQuery,
      { of: [left, right] },
      "viewer",
    );
    expect(compareVersions.parameters).toEqual([]);
    const forbidden = { code: "FORBIDDEN", permission: "project:read" };
    expect(await api.refusal(runsQuery, { of: [run.id] }, "viewer")).toMatchObject(forbidden);
    expect(await api.refusal(versionsQuery, { of: [left, `${secret}/${name("hidden")}`] }, "viewer")).toMatchObject(
      forbidden,
    );
    expect(await api.refusal(diffQuery, { left, right: `${secret}/${name("hidden")}` }, "viewer")).toMatchObject(
      forbidden,
    );
  });
});
