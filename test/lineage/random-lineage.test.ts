import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { expectedLineage, type PlainGraph, type PlainLineage, type Question, sortEdges } from "../oracle/lineage.ts";
import {
  askLineage,
  bigPlan,
  plainGraph,
  questionOf,
  type RecordedGraph,
  recordGraph,
  smallPlan,
} from "../support/graphs.ts";
import { freshSalt, seededIds } from "../support/ids.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

/** An answer in canonical order: within a level the service may choose. */
function partsOf({ nodes, edges, truncated, omitted }: PlainLineage): PlainLineage {
  return {
    ...{ nodes: [...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)), edges: sortEdges(edges), truncated, omitted },
  };
}

async function check(
  service: TestService,
  graph: PlainGraph,
  recorded: RecordedGraph,
  question: Question,
): Promise<PlainLineage> {
  const answer = await askLineage(service, question, recorded);
  const expected = expectedLineage(graph, question, answer);
  expect(partsOf(answer)).toEqual(partsOf(expected));
  expect(answer.edges.length).toBe(sortEdges(answer.edges).length);
  expect(answer.roots).toEqual([...new Set(question.roots)]);
  const distances = answer.nodes.map(({ depth }) => Math.abs(depth));
  expect(distances).toEqual([...distances].sort((a, b) => a - b));
  return answer;
}

const salt = freshSalt();
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
/** The same graphs and questions for every engine. */
const plan = fc.sample(bigPlan, { seed, numRuns: 1 })[0] ?? { artifacts: [], runs: [], edges: [] };
const questions = fc.sample(questionOf(plan.artifacts.length, [1, 40, 80, 150, 290, 1_000, 10_000]), {
  seed,
  numRuns: 300,
});
const smalls = fc.sample(
  smallPlan.chain((small) =>
    fc.tuple(fc.constant(small), fc.array(questionOf(small.artifacts.length, [1_000]), { minLength: 8, maxLength: 8 })),
  ),
  { seed, numRuns: 25 },
);
/** The answers of each engine, to be compared with those of the others. */
const answers = new Map<string, string>();

function agree(key: string, answer: PlainLineage): void {
  const text = JSON.stringify({ order: answer.nodes, ...partsOf(answer) });
  expect(text).toEqual(answers.get(key) ?? text);
  answers.set(key, text);
}

function read(version: number, execution: number) {
  return { version, execution, reads: true, slot: null, role: null };
}
function make(version: number, execution: number) {
  return { version, execution, reads: false, slot: null, role: null };
}
const granularities = ["EXECUTION", "VERSION", "ARTIFACT"] as const;

describeEngines(`lineage of random graphs (SEED=${seed})`, (engine) => {
  const ids = seededIds(String(seed), salt);
  const graph = plainGraph(plan);
  let service: TestService;
  let big: RecordedGraph;
  beforeAll(async () => {
    service = await startTestService(engine, {}, { newId: ids.newId });
    big = await recordGraph(service, plan, freshProject(), ids);
  }, 240_000);
  afterAll(() => service?.close());

  /** Queries, and compares with plain code and with the other engine; a failure names the query. */
  const examine = async (
    key: string,
    plain: PlainGraph,
    recorded: RecordedGraph,
    question: Question,
  ): Promise<void> => {
    try {
      agree(key, await check(service, plain, recorded, question));
    } catch (error) {
      throw new Error(`SEED=${seed} ${key}: ${JSON.stringify(question)}: ${String(error)}`, { cause: error });
    }
  };

  it.each(granularities)(
    "the lineage of a big graph is that of a plain breadth-first search: %s",
    async (granularity) => {
      const asked = [...questions.entries()].filter(([, question]) => question.granularity === granularity);
      for (const [i, question] of asked) await examine(`big graph, question ${i}`, graph, big, question);
      expect(asked.length).toBeGreaterThan(30);
    },
  );

  it("versions of the last level are joined by an execution beyond it", async () => {
    // v0 is read by x1, which makes v1, v2 and v3; x2 reads these and makes them again. Any two of them are joined by x2.
    const edges = [read(0, 1), ...[1, 2, 3].flatMap((i) => [make(i, 1), read(i, 2), make(i, 2)])];
    const small = { artifacts: [0, 1, 2, 3], runs: [0, 0, 0], edges };
    const recorded = await recordGraph(service, small, freshProject());
    for (const granularity of ["VERSION", "ARTIFACT"] as const) {
      const question: Question = { roots: ["v0"], direction: "DOWNSTREAM", granularity, limit: 3 };
      const answer = await askLineage(service, question, recorded);
      const [root, one, two] = answer.nodes.map(({ id }) => id);
      const pairs = [
        [root, one],
        [root, two],
        [one, one],
        [one, two],
        [two, one],
        [two, two],
      ];
      expect(answer.edges.map(({ from, to }) => `${from} ${to}`).sort()).toEqual(
        pairs.map((pair) => pair.join(" ")).sort(),
      );
    }
  });

  it("a lineage omits upstream what it shows downstream", async () => {
    // A cycle: v0 is read by x1, which makes v1; x2 reads that and makes v0. So v1 is as near upstream as downstream, where it stands.
    const small = { artifacts: [0, 1, 2], runs: [0, 0, 0], edges: [read(0, 1), make(1, 1), read(1, 2), make(0, 2)] };
    const recorded = await recordGraph(service, small, freshProject());
    const question: Question = { roots: ["v0", "v2"], direction: "BOTH", granularity: "VERSION", limit: 1 };
    const { omitted } = await askLineage(service, question, recorded);
    expect(omitted).toEqual([
      { depth: 0, count: 1 },
      { depth: 1, count: null },
    ]);
  });

  it("the lineage of small graphs is that of a plain breadth-first search for every query", async () => {
    for (const [i, [small, asked]] of smalls.entries()) {
      ids.begin(0);
      const recorded = await recordGraph(service, small, freshProject(), {
        newId: ids.newId,
        begin: (call) => ids.begin((i + 1) * 10_000 + call),
      });
      for (const question of asked) {
        await examine(
          `small graph ${JSON.stringify(small)}, ${JSON.stringify(question)}`,
          plainGraph(small),
          recorded,
          question,
        );
      }
    }
    expect(smalls.length).toBeGreaterThan(20);
  }, 240_000);
});

const publish = "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id } } }";
const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { version { id } } }";
function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
const ask = `query ($of: [VersionRef!]!, $direction: Direction!, $depth: Int, $limit: Int!) {
  lineage(of: $of, direction: $direction, depth: $depth, limit: $limit) { nodes { id depth } edges { from to kind } truncated omitted { depth count } } }`;
const askVersions = `query ($of: [VersionRef!]!) { lineage(of: $of, granularity: VERSION, limit: 1) {
  nodes { id depth } edges { from to } truncated omitted { depth count } } }`;
type Shown = {
  lineage: { nodes: { id: string; depth: number }[]; edges: object[]; truncated: boolean; omitted: object[] };
};

describeEngines("lineage of extreme shapes", (engine) => {
  let service: TestService;
  beforeAll(async () => {
    service = await startTestService(engine);
  });
  afterAll(() => service?.close());

  it("the lineage of a ladder of 60 diamonds has the right depths", async () => {
    // A diamond: v3i is read by two executions, what they make by a third, which makes v3(i + 1). The run itself does nothing.
    const diamonds = range(60).flatMap((i) => {
      const [top, left, right, bottom] = [3 * i, 3 * i + 1, 3 * i + 2, 3 * i + 3];
      const [one, two, join] = [3 * i + 1, 3 * i + 2, 3 * i + 3];
      const opened = [read(top, one), make(left, one), read(top, two), make(right, two)];
      return [...opened, read(left, join), read(right, join), make(bottom, join)];
    });
    const ladder = { artifacts: range(181), runs: range(181).map(() => 0), edges: diamonds };
    const recorded = await recordGraph(service, ladder, freshProject());
    for (const [direction, root, sign] of [
      ["DOWNSTREAM", "v0", 1],
      ["UPSTREAM", "v180", -1],
    ] as const) {
      const question: Question = { roots: [root], direction, granularity: "EXECUTION", limit: 1_000 };
      const answer = await check(service, plainGraph(ladder), recorded, question);
      expect(answer.nodes.length).toBe(361);
      expect(answer.nodes.find(({ id }) => id === (sign > 0 ? "v180" : "v0"))?.depth).toBe(120 * sign);
      expect(answer.nodes.find(({ id }) => id === "v90")?.depth).toBe(60 * sign);
      expect(answer.edges.length).toBe(60 * 7);
    }
  });

  it("the lineage of a chain of 1,000 steps reaches its end", async () => {
    const project = freshProject();
    const steps = range(1_000).map((i) => ({
      name: `s${i}`,
      inputs: i ? [{ step: `s${i - 1}` }] : [],
      outputs: [{ name: `a${i}` }],
    }));
    await service.data(publish, { input: { project, steps } });
    const all = { of: [`${project}/a999`], direction: "UPSTREAM", limit: 10_000 };
    const { lineage } = await service.data<Shown>(ask, all);
    expect(lineage).toMatchObject({ truncated: false, omitted: [] });
    expect(lineage.nodes.length).toBe(2_000);
    expect(lineage.edges.length).toBe(1_999);
    expect(Math.min(...lineage.nodes.map(({ depth }) => depth))).toBe(-1_000);
    const part = await service.data<Shown>(ask, { ...all, depth: 400, limit: 101 });
    expect(part.lineage.nodes.length).toBe(101);
    expect(part.lineage.omitted).toEqual([
      { depth: -51, count: 2 },
      { depth: -52, count: null },
    ]);
  });

  it("the lineage of a version with 20,000 readers is cut with the exact number of omitted ones", async () => {
    const project = freshProject();
    const { logVersion } = await service.data<{ logVersion: { version: { id: string } } }>(log, {
      input: { project, name: "read" },
    });
    const { id } = logVersion.version;
    for (const part of range(4)) {
      const steps = range(4_999).map((i) => ({ name: `r${part}.${i}`, inputs: [{ version: id }] }));
      await service.data(publish, { input: { project, inputs: [{ version: id }], steps } });
    }
    for (const [limit, direction] of [
      [10_000, "DOWNSTREAM"],
      [10, "BOTH"],
      [1, "DOWNSTREAM"],
    ] as const) {
      const { lineage } = await service.data<Shown>(ask, { of: [id], direction, limit });
      expect(lineage.nodes[0]).toEqual({ id, depth: 0 });
      expect(lineage.nodes.filter(({ depth }) => depth === 1).length).toBe(limit - 1);
      expect(lineage.edges.length).toBe(limit - 1);
      expect(lineage).toMatchObject({ truncated: true, omitted: [{ depth: 1, count: 20_000 - (limit - 1) }] });
    }
    const version = await service.data<Shown>(askVersions, { of: [id] });
    expect(version.lineage).toEqual({ nodes: [{ id, depth: 0 }], edges: [], truncated: false, omitted: [] });
  }, 240_000);
});
