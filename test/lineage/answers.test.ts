import { beforeAll, describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";

const pathsQuery = `query ($from: VersionRef!, $to: VersionRef!, $first: Int) { paths(from: $from, to: $to, first: $first) { complete paths {
  length nodes { id depth node { __typename } } edges { from to kind slot role } } } }`;
const impactQuery =
  "query ($of: VersionRef!) { impact(of: $of) { versions executions truncated aliased { alias depth version { id uri } } promoted { stage depth version { uri } } } }";
const stalenessQuery =
  "query ($of: VersionRef!) { staleness(of: $of) { stale outdated { depth input { uri } newest { uri } } } }";

interface Paths {
  complete: boolean;
  paths: {
    length: number;
    nodes: { id: string; depth: number; node: { __typename: string } }[];
    edges: { from: string; to: string; kind: string; slot: string | null; role: string | null }[];
  }[];
}
interface Impact {
  promoted: { stage: string; depth: number; version: { uri: string } }[];
  versions: number;
  executions: number;
  truncated: boolean;
  aliased: { alias: string; depth: number; version: { id: string; uri: string } }[];
}
interface Staleness {
  stale: boolean;
  outdated: { depth: number; input: { uri: string }; newest: { uri: string } }[];
}

/** Paths, impact and staleness. random-answers.test.ts compares them with plain code on random graphs. */
describeEngines("paths, impact and staleness", (engine) => {
  const api = useApi(engine);
  const paths = async (from: string, to: string, first?: number) =>
    (await api.data<{ paths: Paths }>(pathsQuery, { from, to, ...(first !== undefined && { first }) })).paths;
  const impact = async (of: string) => (await api.data<{ impact: Impact }>(impactQuery, { of })).impact;
  const staleness = async (of: string) => {
    const { stale, outdated } = (await api.data<{ staleness: Staleness }>(stalenessQuery, { of })).staleness;
    const name = ({ uri }: { uri: string }) => uri.split("/").at(-1);
    return { stale, outdated: outdated.map((pair) => [name(pair.input), name(pair.newest), pair.depth]) };
  };

  const project = freshProject();
  /** raw → clean → {train (raw too), report}; train → model; model and raw → eval. */
  beforeAll(async () => {
    await api.log({ project, name: "raw" });
    await api.publish({
      project,
      steps: [
        {
          name: "clean",
          inputs: [{ slot: "in", role: "source", version: `${project}/raw` }],
          outputs: [{ name: "clean" }],
        },
        {
          name: "split",
          inputs: [
            { slot: "a", step: "clean" },
            { slot: "b", step: "clean" },
            { slot: "raw", version: `${project}/raw` },
          ],
          outputs: [{ name: "train", aliases: ["best", "fresh"] }],
        },
        { name: "fit", inputs: [{ step: "split" }], outputs: [{ slot: "made", name: "model", aliases: ["champion"] }] },
        { name: "report", inputs: [{ step: "clean" }], outputs: [{ name: "report" }] },
      ],
    });
  });

  describe("paths", () => {
    it("paths are ordered from the shortest, with all edges between neighbors", async () => {
      const found = await paths(`${project}/raw`, `${project}/model`, 3);
      expect(found.complete).toBe(true);
      expect(found.paths.map(({ length }) => length)).toEqual([2, 3]);
      expect(found.paths[1]?.nodes.map(({ depth, node }) => [depth, node.__typename])).toEqual([
        [0, "Version"],
        [1, "Step"],
        [1, "Version"],
        [2, "Step"],
        [2, "Version"],
        [3, "Step"],
        [3, "Version"],
      ]);
      expect(found.paths[1]?.edges.map(({ kind, slot, role }) => [kind, slot, role])).toEqual([
        ["CONSUMED", "in", "source"],
        ["PRODUCED", null, null],
        ["CONSUMED", "a", null],
        ["CONSUMED", "b", null],
        ["PRODUCED", null, null],
        ["CONSUMED", null, null],
        ["PRODUCED", "made", null],
      ]);
    });

    it("paths are incomplete when there are more than were asked for", async () => {
      expect(await paths(`${project}/raw`, `${project}/model`)).toMatchObject({
        complete: false,
        paths: [{ length: 2 }],
      });
    });

    it("there are no paths between unconnected versions, or against the direction of the data", async () => {
      const none = { complete: true, paths: [] };
      expect(await paths(`${project}/report`, `${project}/model`, 10)).toEqual(none);
      expect(await paths(`${project}/model`, `${project}/raw`, 10)).toEqual(none);
    });

    it("the path from a version to itself has length 0", async () => {
      const own = freshProject();
      await api.publish({
        project: own,
        steps: [{ name: "loop", inputs: [{ step: "loop" }], outputs: [{ name: "state" }] }],
      });
      const { complete, paths: found } = await paths(`${own}/state`, `${own}/state:1`, 5);
      expect(complete).toBe(true);
      expect(found).toMatchObject([{ length: 0, nodes: [{ depth: 0 }], edges: [] }]);
    });

    it.each([0, 11, -1])("asking for %i paths is refused", async (first) => {
      const refused = await api.refusal(pathsQuery, { from: `${project}/raw`, to: `${project}/raw`, first });
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field: "first" });
    });

    it("paths of an unknown reference name that reference", async () => {
      const from = `${project}/raw`;
      const answer = await api.ask(pathsQuery, { from, to: `${project}/none` });
      expect(answer).toMatchObject({ data: { paths: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
      expect(await api.refusal(pathsQuery, { from: "a", to: from })).toMatchObject({
        code: "INVALID_INPUT",
        field: "from",
      });
      expect(await api.refusal(pathsQuery, { from, to: "a" })).toMatchObject({ code: "INVALID_INPUT", field: "to" });
    });
  });

  describe("impact", () => {
    it("impact names downstream versions with aliases, nearest first, and counts the rest", async () => {
      await api.data("mutation ($input: PromoteInput!) { promote(input: $input) { promotion { id } } }", {
        input: { version: `${project}/model`, stage: "production" },
      });
      const { aliased, promoted, ...counts } = await impact(`${project}/raw`);
      expect(promoted).toEqual([
        { stage: "production", depth: 2, version: { uri: `store://artifact/${project}/model:1` } },
      ]);
      expect(aliased.map(({ alias, depth, version }) => [version.uri.split("/").at(-1), alias, depth])).toEqual([
        ["train:1", "best", 1],
        ["train:1", "fresh", 1],
        ["model:1", "champion", 2],
      ]);
      expect(counts).toEqual({ versions: 4, executions: 4, truncated: false });
      expect(await impact(`${project}/model`)).toEqual({
        aliased: [],
        promoted: [],
        versions: 0,
        executions: 0,
        truncated: false,
      });
    });

    it("impact of an unknown reference is null with an error", async () => {
      const answer = await api.ask(impactQuery, { of: `${project}/none` });
      expect(answer).toMatchObject({ data: { impact: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
      expect(await api.refusal(impactQuery, { of: "a" })).toMatchObject({ code: "INVALID_INPUT", field: "of" });
    });
  });

  describe("staleness", () => {
    it("staleness names the outdated inputs and their newest versions", async () => {
      const own = freshProject();
      await api.log({ project: own, name: "raw" });
      await api.log({ project: own, name: "table", inputs: [`${own}/raw`] });
      await api.log({ project: own, name: "model", inputs: [`${own}/table`] });
      expect(await staleness(`${own}/model`)).toEqual({ stale: false, outdated: [] });
      await api.log({ project: own, name: "raw" });
      expect(await staleness(`${own}/model`)).toEqual({ stale: true, outdated: [["raw:1", "raw:2", 2]] });
      await api.log({ project: own, name: "table", inputs: [`${own}/raw`] });
      expect(await staleness(`${own}/model:1`)).toEqual({
        stale: true,
        outdated: [
          ["table:1", "table:2", 1],
          ["raw:1", "raw:2", 2],
        ],
      });
      await api.log({ project: own, name: "model", inputs: [`${own}/table`] });
      expect(await staleness(`${own}/model`)).toEqual({ stale: false, outdated: [] });
    });

    it("a version is not stale because of its own descendants", async () => {
      const own = freshProject();
      await api.log({ project: own, name: "model" });
      await api.log({ project: own, name: "scores", inputs: [`${own}/model`] });
      // The model learns from its own scores.
      await api.log({ project: own, name: "model", inputs: [`${own}/model`, `${own}/scores`] });
      expect(await staleness(`${own}/scores`)).toEqual({ stale: false, outdated: [] });
      expect(await staleness(`${own}/model:2`)).toEqual({ stale: false, outdated: [] });
    });

    it("staleness of an unknown reference is null with an error", async () => {
      const answer = await api.ask(stalenessQuery, { of: `${project}/none` });
      expect(answer).toMatchObject({ data: { staleness: null }, errors: [{ extensions: { code: "NOT_FOUND" } }] });
    });
  });

  describe("the stale filter", () => {
    const query = `query ($filter: VersionFilter, $first: Int, $after: String) { versions(filter: $filter, first: $first, after: $after, orderBy: [{ field: NAME, direction: ASC }]) {
      totalCount nodes { uri } pageInfo { endCursor hasNextPage } } }`;
    type Page = {
      versions: { totalCount: number; nodes: { uri: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    const ask = async (filter: object, page: object = {}) =>
      (await api.data<Page>(query, { filter, ...page })).versions;
    const names = ({ nodes }: Page["versions"]) => nodes.map(({ uri }) => uri.split("/").at(-1));

    it("the stale filter combines with other filters, orders, pages and counts", async () => {
      const own = freshProject();
      await api.log({ project: own, name: "raw" });
      for (const name of ["a", "b", "c"]) await api.log({ project: own, name, tags: ["t"], inputs: [`${own}/raw`] });
      await api.log({ project: own, name: "d", inputs: [`${own}/c`] });
      await api.log({ project: own, name: "raw" });
      await api.log({ project: own, name: "b", inputs: [`${own}/raw`] });
      const stale = { project: { eq: own }, stale: true };
      expect(names(await ask(stale))).toEqual(["a:1", "b:1", "c:1", "d:1"]);
      expect(names(await ask({ ...stale, stale: false })).sort()).toEqual(["b:2", "raw:1", "raw:2"]);
      expect(names(await ask({ ...stale, latest: true, tag: { eq: "t" } }))).toEqual(["a:1", "c:1"]);
      expect(names(await ask({ ...stale, or: [{ artifact: { eq: "a" } }, { artifact: { eq: "d" } }] }))).toEqual([
        "a:1",
        "d:1",
      ]);
      const first = await ask(stale, { first: 3 });
      expect([first.totalCount, first.pageInfo.hasNextPage]).toEqual([4, true]);
      expect(names(await ask(stale, { first: 3, after: first.pageInfo.endCursor }))).toEqual(["d:1"]);
      expect(names(await ask({ project: { eq: freshProject() }, stale: true }))).toEqual([]);
    });

    it("the stale filter counts newer versions in other projects", async () => {
      const [own, other] = [freshProject(), freshProject()];
      await api.log({ project: other, name: "raw" });
      await api.log({ project: other, name: "table", inputs: [`${other}/raw`] });
      await api.log({ project: own, name: "model", inputs: [`${other}/table`] });
      const stale = { project: { eq: own }, stale: true };
      expect(names(await ask(stale))).toEqual([]);
      await api.log({ project: other, name: "raw", inputs: [`${own}/model`] });
      // Outputs of the model are no reason to make it again.
      expect(names(await ask(stale))).toEqual([]);
      await api.log({ project: other, name: "raw" });
      expect(names(await ask(stale))).toEqual(["model:1"]);
    });

    it.each([
      ["without a project", { stale: true }],
      ["with several projects", { project: { in: ["a", "b"] }, stale: true }],
      ["within and", { project: { eq: "a" }, and: [{ stale: true }] }],
      ["within or", { project: { eq: "a" }, or: [{ project: { eq: "a" }, stale: true }] }],
      ["within not", { project: { eq: "a" }, not: { not: { stale: false } } }],
      ["as null", { project: { eq: "a" }, stale: null }],
    ])("the stale filter is refused %s", async (_name, filter) => {
      const refused = await api.refusal(query, { filter });
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field: "filter.stale" });
      expect(refused.message).toContain("only at the top");
    });
  });
});
