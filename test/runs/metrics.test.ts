import { afterAll, beforeAll, expect, it } from "vitest";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { describeEngines, freshProject, startTestService, type TestService } from "../support/service.ts";

const logMetrics =
  "mutation ($input: LogMetricsInput!) { logMetrics(input: $input) { execution { id status metrics } } }";
const historyOf = `query ($id: ID!, $key: String!, $first: Int, $after: String, $last: Int, $before: String) {
  node(id: $id) { ... on Execution { metrics metricHistory(key: $key, first: $first, after: $after, last: $last, before: $before) {
    nodes { value step time } edges { cursor } pageInfo { hasNextPage hasPreviousPage endCursor startCursor } totalCount } } } }`;
const publish =
  "mutation ($input: PublishRunInput!) { publishRun(input: $input) { run { id steps { nodes { id } } } } }";

interface Metric {
  key: string;
  value: unknown;
  step?: number;
  time?: string;
}
interface History {
  nodes: { value: unknown; step: number; time: string }[];
  edges: { cursor: string }[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; endCursor: string | null; startCursor: string | null };
  totalCount: number;
}
type Node = { node: { metrics: Record<string, unknown>; metricHistory: History } };

function special(value: string) {
  return { $type: "FLOAT", value };
}
function minute(i: number) {
  return new Date(Date.UTC(2026, 0, 31) + i * 60_000).toISOString();
}

describeEngines("metrics", (engine) => {
  let service: TestService;
  let graph: GraphStore;
  beforeAll(async () => {
    graph = await engine.open();
    service = await startTestService(engine, {}, { graph });
  });
  afterAll(() => service?.close());

  const run = async (
    more: object = {},
    project = freshProject(),
  ): Promise<{ id: string; steps: { nodes: { id: string }[] } }> =>
    (
      await service.data<{ publishRun: { run: { id: string; steps: { nodes: { id: string }[] } } } }>(publish, {
        input: { project, status: "RUNNING", ...more },
      })
    ).publishRun.run;
  const log = async (execution: string, metrics: Metric[]) =>
    (
      await service.data<{ logMetrics: { execution: { id: string; status: string; metrics: object } } }>(logMetrics, {
        input: { execution, metrics },
      })
    ).logMetrics.execution;
  const history = async (id: string, key: string, page: object = {}) =>
    (await service.data<Node>(historyOf, { id, key, ...page })).node;
  const eventsOf = (id: string) =>
    graph.read<{ id: string }, { type: string }>(
      { name: "events-of", text: "MATCH (e:Event) WHERE e.run = $id RETURN e.type AS type" },
      { id },
    );

  it("metrics have points with step and time, oldest first, and a newest value by step, then time", async () => {
    const { id } = await run();
    await log(id, [
      { key: "loss", value: 0.5, step: 2, time: minute(2) },
      { key: "loss", value: 0.9, step: 1, time: minute(1) },
      { key: "acc", value: 7 },
    ]);
    const answer = await log(id, [{ key: "loss", value: 0.7, step: 1, time: minute(3) }]);
    expect(answer.metrics).toEqual({ loss: 0.5, acc: 7 });
    const { metrics, metricHistory } = await history(id, "loss");
    expect(metrics).toEqual({ loss: 0.5, acc: 7 });
    expect(metricHistory).toMatchObject({
      nodes: [
        { value: 0.9, step: 1, time: minute(1) },
        { value: 0.5, step: 2, time: minute(2) },
        { value: 0.7, step: 1, time: minute(3) },
      ],
      totalCount: 3,
    });
    expect((await history(id, "acc")).metricHistory.nodes).toMatchObject([{ value: 7, step: 0 }]);
    expect((await history(id, "other")).metricHistory).toMatchObject({ nodes: [], totalCount: 0 });
    await log(id, [{ key: "loss", value: 0.1, step: 2, time: minute(4) }]);
    expect((await history(id, "loss")).metrics).toMatchObject({ loss: 0.1 });
  });

  it("metrics are logged for runs and steps, also for ended ones", async () => {
    const { id, steps } = await run({ status: "COMPLETED", steps: [{ name: "train" }] });
    const step = steps.nodes[0]?.id ?? "";
    await log(step, [{ key: "loss", value: 1, step: -4 }]);
    expect(await log(id, [{ key: "loss", value: 2 }])).toMatchObject({ status: "COMPLETED", metrics: { loss: 2 } });
    expect((await history(step, "loss")).metricHistory.nodes).toMatchObject([{ value: 1, step: -4 }]);
    expect((await history(id, "loss")).metricHistory.nodes).toMatchObject([{ value: 2 }]);
  });

  it("metrics may be NaN or infinite, keep large steps, and accept any key", async () => {
    const { id } = await run();
    const values = [special("NaN"), special("Infinity"), special("-Infinity"), 1e300, -0.1, special("NaN")];
    const key = 'val/loss.top-5 "ü" #/';
    await log(
      id,
      values.map((value, i) => ({ key, value, step: 2 ** 53 - 10 + i })),
    );
    const { metrics, metricHistory } = await history(id, key);
    expect(metrics).toEqual({ [key]: special("NaN") });
    expect(metricHistory.nodes.map((point) => [point.value, point.step])).toEqual(
      values.map((value, i) => [value, 2 ** 53 - 10 + i]),
    );
    expect(await log(id, [{ key, value: { $type: "FLOAT", value: 2.5 }, step: 2 ** 53 - 1 }])).toMatchObject({
      metrics: { [key]: 2.5 },
    });
  });

  it("metrics published with an execution come first in their history", async () => {
    const { id } = await run({ metrics: { acc: 0.5, note: "good", deep: { a: 1 } }, startedAt: minute(0) });
    expect((await history(id, "acc")).metricHistory).toMatchObject({
      nodes: [{ value: 0.5, step: 0, time: minute(0) }],
      totalCount: 1,
    });
    expect((await history(id, "note")).metricHistory.nodes).toEqual([]);
    await log(id, [
      { key: "acc", value: 0.6 },
      { key: "note", value: 3 },
      { key: "deep", value: 4 },
    ]);
    const { metrics, metricHistory } = await history(id, "acc");
    expect(metrics).toEqual({ acc: 0.6, note: 3, deep: 4 });
    expect(metricHistory).toMatchObject({ nodes: [{ value: 0.5 }, { value: 0.6 }], totalCount: 2 });
    expect((await history(id, "note")).metricHistory.nodes).toMatchObject([{ value: 3 }]);
  });

  it("metrics with times are logged once when a call is repeated, and without times every time", async () => {
    const { id } = await run();
    const points = Array.from({ length: 600 }, (_, i) => ({ key: "k", value: i % 7, step: i >> 1, time: minute(0) }));
    await log(id, points);
    const once = (await history(id, "k", { first: 500 })).metricHistory;
    await log(id, points);
    await log(id, [
      ...points.slice(300),
      { key: "k", value: special("NaN"), time: minute(0) },
      { key: "k", value: special("NaN"), time: minute(0) },
    ]);
    const { totalCount } = (await history(id, "k")).metricHistory;
    expect([once.totalCount, totalCount]).toEqual([600, 601]);
    await log(
      id,
      Array.from({ length: 5 }, () => ({ key: "same", value: 1 })),
    );
    await log(id, [{ key: "same", value: 1 }]);
    expect((await history(id, "same")).metricHistory.totalCount).toBe(6);
  });

  it("runs are filtered and ordered by the newest value of a metric", async () => {
    const project = freshProject();
    const a = await run({ name: "a", metrics: { loss: 9, deep: { x: 5 } } }, project);
    const b = await run({ name: "b" }, project);
    const c = await run({ name: "c", metrics: { loss: 5 } }, project);
    await log(a.id, [
      { key: "loss", value: 1 },
      { key: "deep", value: 1 },
    ]);
    await log(b.id, [
      { key: "loss", value: 3 },
      { key: "a.b", value: special("Infinity") },
    ]);
    await log(b.id, [{ key: "loss", value: 2 }]);
    const names = async (metrics: object[], orderBy?: object[]) =>
      (
        await service.data<{ runs: { nodes: { name: string }[] } }>(
          "query ($filter: RunFilter, $orderBy: [RunOrder!]) { runs(filter: $filter, orderBy: $orderBy) { nodes { name } } }",
          { filter: { project: { eq: project }, metrics }, orderBy },
        )
      ).runs.nodes
        .map((node) => node.name)
        .join("");
    const byLoss = [{ field: "METRIC", key: "loss", direction: "ASC" }];
    expect(await names([{ key: "loss", exists: true }], byLoss)).toBe("abc");
    expect(await names([{ key: "loss", lte: 2 }], byLoss)).toBe("ab");
    expect(await names([{ key: "loss", in: [9, 3] }])).toBe("");
    expect(await names([{ key: "a\\.b", eq: special("Infinity") }])).toBe("b");
    expect(await names([{ key: "deep.x", exists: true }])).toBe("");
    expect(c.id).toBeTruthy();
  });

  it("metrics lose nothing among 8 parallel writers of the same keys", async () => {
    const { id, steps } = await run({ steps: [{ name: "s", status: "RUNNING" }] });
    const step = steps.nodes[0]?.id ?? "";
    const writers = Array.from({ length: 8 }, async (_, w) => {
      for (let call = 0; call < 6; call++) {
        const metrics = ["a", "b"].flatMap((key) =>
          Array.from({ length: 20 }, (_, i) => ({ key, value: w * 1_000 + call * 20 + i, step: i })),
        );
        await log(w % 4 ? id : step, metrics);
      }
    });
    await Promise.all(writers);
    for (const key of ["a", "b"]) {
      const found = await Promise.all(
        [id, step].map(async (one) => {
          const first = (await history(one, key, { first: 500 })).metricHistory;
          const rest = (await history(one, key, { first: 500, after: first.pageInfo.endCursor })).metricHistory;
          return [...first.nodes, ...rest.nodes];
        }),
      );
      expect(found.map((nodes) => nodes.length)).toEqual([720, 240]);
      expect(new Set(found.flat().map((point) => point.value)).size).toBe(960);
    }
  });

  it("a metric may have 100,000 points, logged 10,000 at a time and read in pages in both directions", async () => {
    const { id } = await run();
    for (let batch = 0; batch < 10; batch++)
      await log(
        id,
        Array.from({ length: 10_000 }, (_, i) => ({
          key: "k",
          value: batch * 10_000 + i,
          step: batch * 10_000 + i,
          time: minute(0),
        })),
      );
    service.statements();
    const page = (await history(id, "k", { first: 500 })).metricHistory;
    expect(service.statements()).toEqual(["find-entities", "page-metric-history", "count-metrics"]);
    expect(page.totalCount).toBe(100_000);
    expect(page.nodes.map((point) => point.value)).toEqual(Array.from({ length: 500 }, (_, i) => i));
    const next = (await history(id, "k", { first: 3, after: page.pageInfo.endCursor })).metricHistory;
    expect(next.nodes.map((point) => point.value)).toEqual([500, 501, 502]);
    expect(next.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    const last = (await history(id, "k", { last: 300 })).metricHistory;
    expect(last.nodes.map((point) => point.value)).toEqual(Array.from({ length: 300 }, (_, i) => 99_700 + i));
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const before = (await history(id, "k", { last: 2, before: last.pageInfo.startCursor })).metricHistory;
    expect(before.nodes.map((point) => point.value)).toEqual([99_698, 99_699]);
    // A late point is inserted in order, and pages that began before continue where they were.
    await log(id, [{ key: "k", value: -1, step: 50_000, time: minute(0) }]);
    const again = (await history(id, "k", { first: 3, after: page.pageInfo.endCursor })).metricHistory;
    expect(again.nodes).toEqual(next.nodes);
    expect(again.totalCount).toBe(100_001);
  });

  it("metrics take as many statements for 1,000 keys as for one, and one statement for a page of many runs", async () => {
    const project = freshProject();
    const counts: string[][] = [];
    for (const keys of [1, 1_000]) {
      const { id } = await run({}, project);
      service.statements();
      await log(
        id,
        Array.from({ length: keys }, (_, i) => ({ key: `k${i}`, value: i })),
      );
      counts.push(service.statements());
    }
    expect(counts[1]).toEqual(counts[0]);
    expect(counts[0]?.length).toBeLessThanOrEqual(6);
    await service.data(
      `query ($project: String!) { runs(filter: { project: { eq: $project } }) { nodes { metricHistory(key: "k0") { nodes { value } totalCount } } } }`,
      { project },
    );
    expect(service.statements()).toEqual(["list/run", "page-metric-history", "count-metrics"]);
  });

  it("logMetrics causes no event", async () => {
    const { id } = await run();
    await log(id, [{ key: "k", value: 1 }]);
    expect(await eventsOf(id)).toEqual([{ type: "RUN_STARTED" }]);
  });

  it("logMetrics is refused as a whole for one invalid point, and stores nothing", async () => {
    const { id } = await run();
    await log(id, [{ key: "k", value: 1 }]);
    const before = await history(id, "k");
    const good = { key: "k", value: 2 };
    const cases: [object[], object][] = [
      [[good, { key: "k", value: "0.5" }], { code: "INVALID_INPUT", field: "metrics[1].value" }],
      [[good, { key: "k", value: true }], { code: "INVALID_INPUT", field: "metrics[1].value" }],
      [[good, { key: "k", value: [1] }], { code: "INVALID_INPUT", field: "metrics[1].value" }],
      [
        [good, { key: "k", value: { $type: "FLOAT", value: "x" } }],
        { code: "INVALID_INPUT", field: "metrics[1].value" },
      ],
      [
        [good, { key: "k", value: { $type: "URI", value: "NaN" } }],
        { code: "INVALID_INPUT", field: "metrics[1].value" },
      ],
      [[good, { key: "", value: 1 }], { code: "INVALID_INPUT", field: "metrics[1].key" }],
      [[good, { key: "a\u0000b", value: 1 }], { code: "INVALID_INPUT", field: "metrics[1].key" }],
      [[good, { key: "k".repeat(501), value: 1 }], { code: "TOO_LARGE", limit: 500 }],
      [[good, { key: "k" }], { code: "BAD_USER_INPUT" }],
      [[good, { key: "k", value: null }], { code: "BAD_USER_INPUT" }],
      [[good, { key: "k", value: 1, step: 0.5 }], { code: "BAD_USER_INPUT" }],
      [[good, { key: "k", value: 1, time: "yesterday" }], { code: "BAD_USER_INPUT" }],
      [Array.from({ length: 10_001 }, () => good), { code: "TOO_LARGE", limit: 10_000 }],
      [
        [good, ...Array.from({ length: 600 }, (_, i) => ({ key: `${i}`.padEnd(500, "x"), value: 1 }))],
        { code: "TOO_LARGE", limit: 262_144 },
      ],
    ];
    for (const [metrics, refused] of cases) {
      expect(
        await service.refusal(logMetrics, { input: { execution: id, metrics } }),
        JSON.stringify(metrics.at(-1)),
      ).toMatchObject(refused);
    }
    const overflow = `mutation { logMetrics(input: { execution: "${id}", metrics: [{ key: "k", value: 1e999 }] }) { execution { id } } }`;
    expect(await service.refusal(overflow)).toMatchObject({ code: "INVALID_INPUT", field: "metrics[0].value" });
    expect(await service.refusal(logMetrics, { input: { execution: "nobody", metrics: [good] } })).toMatchObject({
      code: "NOT_FOUND",
    });
    expect(await history(id, "k")).toEqual(before);
  });

  it("the cursor of another metric or another run is refused", async () => {
    const [one, two] = [await run(), await run()];
    for (const { id } of [one, two])
      await log(id, [
        { key: "a", value: 1 },
        { key: "b", value: 1 },
      ]);
    const after = (await history(one.id, "a")).metricHistory.pageInfo.endCursor;
    for (const [id, key] of [
      [one.id, "b"],
      [two.id, "a"],
    ] as const)
      expect(await service.refusal(historyOf, { id, key, after })).toMatchObject({
        code: "INVALID_INPUT",
        field: "after",
      });
  });
});
