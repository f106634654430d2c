import { describe, expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { describeEngines, freshProject } from "../support/service.ts";
import { received, type ShownStage, stages, staging, stagingOf } from "./calls.ts";

const connection = `edges { cursor node { id kind } } nodes { id kind stage from reason actor at version { id number } previous { number } }
  totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }`;
const history = `query ($ref: VersionRef!, $first: Int, $after: String, $last: Int, $before: String) { version(ref: $ref) {
  stage promotions(first: $first, after: $after, last: $last, before: $before) { ${connection} }
  artifact { promotions { ${connection} } } } }`;
const ofArtifact = `query ($project: String!, $first: Int, $after: String, $last: Int, $before: String) {
  artifact(project: $project, name: "m") { promotions(first: $first, after: $after, last: $last, before: $before) { ${connection} } } }`;

interface Page {
  edges: { cursor: string; node: { id: string } }[];
  nodes: { id: string; kind: string; at: string }[];
  totalCount: number;
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
}

describeEngines("stages", (engine) => {
  const api = useApi(engine);
  const on = stagingOf({ data: (query, variables) => api.data(query, variables) });

  /** A project with three versions of `m` that went through its stages. */
  const moved = async () => {
    const project = freshProject();
    for (let i = 0; i < 3; i++) await api.log({ project, name: "m" });
    const v = (number: number) => `${project}/m:${number}`;
    await on.promote(v(1), "staging", { reason: "first", expectedCurrent: null });
    await on.promote(v(1), "production");
    await on.promote(v(2), "production", { expectedCurrent: v(1) });
    await on.rollback(project, "m", "production", { reason: "broken", expectedCurrent: v(2) });
    await api.data(staging.demote, { input: { version: v(1), stage: "production", reason: "done" } });
    return { project, v };
  };

  describe("promotion", () => {
    it("promote, demote and rollback move versions and keep their history", async () => {
      const { project, v } = await moved();
      expect(await on.held(project)).toEqual(["archived m:2"]);
      expect(await on.held(project, { artifact: "m" })).toEqual(["archived m:2"]);
      const { version } = await api.data<{
        version: { stage: string; promotions: Page; artifact: { promotions: Page } };
      }>(history, { ref: v(2) });
      expect(version.stage).toBe("archived");
      expect(version.promotions.totalCount).toBe(2);
      const { nodes, edges } = version.artifact.promotions;
      expect(nodes.map(({ kind }) => kind)).toEqual(["DEMOTED", "ROLLED_BACK", "PROMOTED", "PROMOTED", "PROMOTED"]);
      expect(edges.map(({ node }) => node.id)).toEqual(nodes.map(({ id }) => id));
      const third = nodes[2];
      expect(await on.held(project, { asOf: third?.at })).toEqual(["production m:2", "archived m:1"]);
      const node = "query ($id: ID!) { node(id: $id) { id ... on Promotion { kind stage version { number } } } }";
      expect(await api.data(node, { id: third?.id })).toEqual({
        node: { id: third?.id, kind: "PROMOTED", stage: "production", version: { number: 2 } },
      });
      expect(received((await on.history(v(3))).version.nodes)).toEqual([]);
    });

    it("the history of promotions has pages in both directions", async () => {
      const { project, v } = await moved();
      const read = async (query: string, page: object): Promise<Page> => {
        const variables = { ref: v(1), project, ...page };
        type Answer = { version?: { promotions: Page }; artifact?: { promotions: Page } };
        const { version, artifact } = await api.data<Answer>(query, variables);
        return (version ?? artifact)?.promotions ?? Promise.reject(new Error("no page"));
      };
      for (const query of [history, ofArtifact]) {
        const all = await read(query, {});
        const first = await read(query, { first: 2 });
        const rest = await read(query, { first: 3, after: first.pageInfo.endCursor });
        expect([...first.nodes, ...rest.nodes]).toEqual(all.nodes);
        expect([first.pageInfo.hasNextPage, rest.pageInfo.hasPreviousPage]).toEqual([true, true]);
        const last = await read(query, { last: 2 });
        const before = await read(query, { last: 3, before: last.pageInfo.startCursor });
        expect([...before.nodes, ...last.nodes]).toEqual(all.nodes);
        expect(first.nodes).toHaveLength(2);
      }
    });

    it("a stage is defined and lists its holders", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "m" });
      const canary = { exclusive: true, displacedTo: "staging", requiredRole: "admin" };
      const defined = await api.data(staging.defineStage, { input: { project, name: "canary", ...canary } });
      expect(defined).toMatchObject({ defineStage: { stage: { name: "canary", ...canary } } });
      await on.promote(version.id, "canary");
      const listed = await api.data<{ stages: ShownStage[] }>(stages, { project });
      expect(listed.stages.at(-1)).toMatchObject({
        ...canary,
        holders: [{ artifact: { name: "m" }, version: { id: version.id, stage: "canary" }, since: expect.any(String) }],
      });
      expect(await api.refusal(staging.promote, { input: { version: version.id, stage: "none" } })).toMatchObject({
        code: "NOT_FOUND",
      });
    });

    it("the gates of a stage can be forced, tried and approved", async () => {
      const project = freshProject();
      const { version } = await api.log({ project, name: "m", metadata: { acc: 0.9 } });
      await api.log({ project, name: "report", kind: "ANALYSIS", tags: ["eval"], inputs: [version.id] });
      const compared = [
        ["EQ", 0.9],
        ["GT", 0.8],
        ["GTE", 0.9],
        ["LT", 1],
        ["LTE", 0.9],
      ].map(([op, value]) => ({ metadata: { key: "acc", op, value } }));
      const gates = [
        ...compared,
        { name: "better", metadata: { key: "acc", op: "GT", holder: { minImprovement: 0.01 } } },
        { requires: { consumerKind: "ANALYSIS", consumerTag: "eval", inputStage: "staging" } },
        { name: "eyes", approvals: { count: 1, role: "admin", ownAllowed: true } },
      ];
      const define =
        "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { gates { name rule } } } }";
      const answer = await api.data<{ defineStage: { stage: { gates: { name: string; rule: object }[] } } }>(define, {
        input: { project, name: "production", gates },
      });
      expect(answer.defineStage.stage.gates.map(({ name }) => name)).toEqual([
        ...["acc EQ", "acc GT", "acc GTE", "acc LT", "acc LTE", "better"],
        ...["requires consumerKind consumerTag inputStage", "eyes"],
      ]);
      const input = { version: version.id, stage: "production" };
      const failed = await api.refusal(staging.promote, { input });
      expect(failed).toMatchObject({ code: "GATE_FAILED", gates: expect.any(Array) });
      expect((failed.gates as { passed: boolean }[]).map(({ passed }) => passed)).toEqual([
        ...[true, true, true, true, true, true, true],
        false,
      ]);
      const tried = await on.promote(version.id, "production", { dryRun: true });
      expect([tried.promotion, tried.gates]).toEqual([null, failed.gates]);
      expect((await on.promote(version.id, "production", { force: true })).promotion).toMatchObject({ forced: true });
      await on.demote(version.id, "production");
      const approve = `mutation ($input: ApproveInput!) { approve(input: $input) { version {
        approvals { stage actor role comment at } } } }`;
      const approved = { ref: version.id, stage: "production", comment: "well done" };
      expect(await api.data(approve, { input: approved })).toMatchObject({
        approve: {
          version: { approvals: [{ stage: "production", actor: "admin", role: "admin", comment: "well done" }] },
        },
      });
      expect((await on.promote(version.id, "production")).promotion).toMatchObject({ forced: false });
    });

    it("versions are found by stage", async () => {
      const { project, v } = await moved();
      await on.promote(v(3), "staging");
      const query =
        "query ($filter: VersionFilter!) { versions(filter: $filter) { nodes { number stage } totalCount } }";
      const filter = { project: { eq: project }, stage: { eq: "staging" } };
      expect(await api.data(query, { filter })).toEqual({
        versions: { nodes: [{ number: 3, stage: "staging" }], totalCount: 1 },
      });
      expect((await api.version(`${project}/m:staging`)).number).toBe(3);
    });
  });
});
