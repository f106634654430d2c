import { describe, expect, it } from "vitest";
import { isWeaker } from "../../src/domain/promotion/weaken.ts";
import { useApi } from "../support/api.ts";
import { describeEngines } from "../support/service.ts";

const define = "mutation ($input: DefineStageInput!) { defineStage(input: $input) { stage { name } } }";
const rules = "exclusive displacedTo requiredRole gates { name rule }";
const changes = `query ($project: String!, $first: Int!) { stages(project: $project) { name
  changes(first: $first) { at actor before { ${rules} } after { ${rules} } } } }`;
const promote = `mutation ($input: PromoteInput!) { promote(input: $input) {
  promotion { forced gates { name } rules { ${rules} } } } }`;
const history = `query ($ref: VersionRef!) { version(ref: $ref) { promotions { nodes { kind forced rules { ${rules} } } } } }`;
const log = `query ($filter: EventFilter) { events(first: 500, filter: $filter) { nodes { type actor stage
  stageChange { at actor before { ${rules} } after { ${rules} } } } } }`;

const atLeast = (value: number) => ({ metadata: { key: "acc", op: "GTE", value } });
const gate = { name: "acc GTE", rule: { metadata: { key: "acc", op: "GTE", value: 0.9 } } };
const open = { exclusive: true, displacedTo: "archived", requiredRole: null, gates: [] };
const guarded = { ...open, gates: [gate] };

interface Change {
  at: string;
  actor: string;
  before: object | null;
  after: object;
}

describeEngines("weakening a stage", (engine) => {
  const api = useApi(engine);
  let stages = 0;
  /** A stage with these rules, exclusive unless said otherwise. */
  const guard = async (more: object = {}) => {
    const input = { project: api.projects.open, name: `s${engine.name}${stages++}`, exclusive: true, ...more };
    if (stages === 1) await api.log({ project: input.project, name: "first" });
    await api.data(define, { input: { gates: [atLeast(0.9)], ...input } }, "admin");
    return { project: input.project, name: input.name };
  };
  const weaker = { code: "FORBIDDEN", permission: "stage:weaken" };

  it.each([
    ["no gates", { gates: null }],
    ["an empty list of gates", { gates: [] }],
    ["a lower threshold", { gates: [atLeast(0.8)] }],
    ["another key", { gates: [{ metadata: { key: "f1", op: "GTE", value: 0.9 } }] }],
    ["no required role", { requiredRole: null }],
    ["a lower required role", { requiredRole: "maintainer" }],
  ])("a maintainer can't change a stage to %s, and an admin can", async (_title, change) => {
    const stage = await guard({ requiredRole: "admin" });
    expect(await api.refusal(define, { input: { ...stage, ...change } }, "maintainer")).toMatchObject(weaker);
    await api.data(define, { input: { ...stage, ...change } }, "admin");
  });

  it.each([
    ["a further gate", { gates: [atLeast(0.9), { approvals: { count: 1 } }] }],
    ["a higher threshold under another name", { gates: [{ name: "new", ...atLeast(0.95) }] }],
    ["a higher required role", { requiredRole: "admin" }],
    ["the same rules", {}],
  ])("a maintainer can change a stage to %s", async (_title, change) => {
    const stage = await guard();
    await api.data(define, { input: { ...stage, ...change } }, "maintainer");
  });

  it("a maintainer can't lead displaced versions into a stage past its gates", async () => {
    const target = await guard({ exclusive: false });
    const detour = { project: target.project, name: `${target.name}-detour`, exclusive: true };
    const input = { ...detour, displacedTo: target.name };
    expect(await api.refusal(define, { input }, "maintainer")).toMatchObject(weaker);
    await api.data(define, { input: detour }, "maintainer");
    expect(await api.refusal(define, { input }, "maintainer")).toMatchObject(weaker);
    await api.data(define, { input }, "admin");
  });

  it("a change of a stage is an event with the rules before and after, and stays in the stage's history", async () => {
    const stage = await guard();
    for (const gates of [[], [atLeast(0.9)]]) await api.data(define, { input: { ...stage, gates } }, "admin");
    type Stages = { stages: { name: string; changes: Change[] }[] };
    const read = async (first: number) =>
      (await api.data<Stages>(changes, { project: stage.project, first }, "viewer")).stages.find(
        ({ name }) => name === stage.name,
      )?.changes ?? [];
    const kept = await read(50);
    expect(kept.map(({ before, after }) => [before, after])).toEqual([
      [open, guarded],
      [guarded, open],
      [null, guarded],
    ]);
    expect(kept[0]?.actor).toBe("admin");
    expect(await read(1)).toEqual(kept.slice(0, 1));
    expect(await api.refusal(changes, { project: stage.project, first: 501 })).toMatchObject({ code: "INVALID_INPUT" });
    const filter = { project: { eq: stage.project }, type: { eq: "PROJECT_UPDATED" } };
    type Log = { events: { nodes: { stage: string | null; stageChange: Change | null }[] } };
    const { nodes } = (await api.data<Log>(log, { filter })).events;
    const received = nodes.filter((event) => event.stage === stage.name).map(({ stageChange }) => stageChange);
    expect(received).toEqual([...kept].reverse());
  });

  it("a promotion keeps the rules that it was judged by", async () => {
    const stage = await guard({ gates: [] });
    const { version } = await api.log({ project: stage.project, name: stage.name, metadata: { acc: 0.5 } });
    const input = { version: version.id, stage: stage.name };
    const { promote: done } = await api.data<{ promote: { promotion: object } }>(promote, { input }, "maintainer");
    expect(done.promotion).toEqual({ forced: false, gates: [], rules: open });
    await api.data(define, { input: { ...stage, gates: [atLeast(0.9)] } }, "maintainer");
    await api.data("mutation ($input: DeleteVersionInput!) { deleteVersion(input: $input) { version { id } } }", {
      input: { ref: version.id, force: true },
    });
    type Answer = { version: { promotions: { nodes: object[] } } };
    expect((await api.data<Answer>(history, { ref: version.id })).version.promotions.nodes).toEqual([
      { kind: "DEMOTED", forced: false, rules: null },
      { kind: "PROMOTED", forced: false, rules: open },
    ]);
  });
});

describe("gates that are as strong", () => {
  type Rule = Parameters<typeof isWeaker>[0]["gates"][number]["rule"];
  const stage = (rule: Rule) => ({
    name: "s",
    exclusive: true,
    displacedTo: null,
    requiredRole: null,
    gates: [{ name: "g", rule }],
  });
  const value = (op: "EQ" | "GT" | "GTE" | "LT" | "LTE", number: unknown): Rule => ({
    metadata: { key: "k", op, value: number },
  });
  const holder = (op: "GT" | "GTE" | "LT", minImprovement: number): Rule => ({
    metadata: { key: "k", op, holder: { minImprovement } },
  });
  it.each<[boolean, Rule, Rule]>([
    [false, value("GTE", 1), value("GT", 1)],
    [false, value("GTE", 1), value("GTE", 2)],
    [true, value("GT", 1), value("GTE", 1)],
    [false, value("GT", 1), value("GTE", 1.5)],
    [true, value("GTE", 1), value("LTE", 1)],
    [false, value("LTE", 1), value("LT", 1)],
    [true, value("LTE", 1), value("LTE", 2)],
    [true, value("GTE", 1), value("EQ", 1)],
    [true, value("EQ", "a"), value("EQ", "b")],
    [false, value("EQ", { a: 1, b: 2 }), value("EQ", { b: 2, a: 1 })],
    [true, value("GTE", 1), holder("GTE", 1)],
    [false, holder("GTE", 1), holder("GTE", 2)],
    [true, holder("GTE", 1), holder("GTE", 0)],
    [false, holder("LT", 1), holder("LT", 2)],
    [true, holder("LT", 1), holder("LT", 0.5)],
    [false, { requires: { inputStage: "a" } }, { requires: { inputStage: "a", consumerTag: "t" } }],
    [true, { requires: { inputStage: "a", consumerTag: "t" } }, { requires: { inputStage: "a" } }],
    [true, { requires: { inputStage: "a" } }, { requires: { inputStage: "b" } }],
    [true, { approvals: { count: 2, ownAllowed: false } }, { approvals: { count: 1, ownAllowed: false } }],
    [true, { approvals: { count: 1, ownAllowed: false } }, { approvals: { count: 1, ownAllowed: true } }],
    [
      false,
      { approvals: { count: 1, ownAllowed: true } },
      { approvals: { count: 1, ownAllowed: false, role: "admin" } },
    ],
    [true, { approvals: { count: 1, ownAllowed: true, role: "admin" } }, { approvals: { count: 1, ownAllowed: true } }],
    [true, { approvals: { count: 1, ownAllowed: false } }, value("EQ", 1)],
  ])("it is %s that a change weakens the gate %j to %j", (weaker, before, after) => {
    expect(isWeaker(stage(after), stage(before))).toBe(weaker);
  });
});
