import { expect, it } from "vitest";
import { useApi } from "../support/api.ts";
import { logMetrics } from "../support/documents.ts";
import { reporter } from "../support/executions.ts";
import { describeEngines, freshProject } from "../support/service.ts";

function history(type: string) {
  return `query ($id: ID!, $first: Int, $after: String, $last: Int, $before: String) { node(id: $id) { ... on ${type} {
  metrics metricHistory(key: "loss", first: $first, after: $after, last: $last, before: $before) {
    nodes { value step time } edges { cursor node { value } } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } } } }`;
}

interface Answer {
  node: {
    metrics: object;
    metricHistory: {
      nodes: { value: unknown; step: number; time: string }[];
      edges: { cursor: string; node: { value: unknown } }[];
      totalCount: number;
      pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
    };
  };
}

/** Metrics logged over time. */
describeEngines("metrics", (engine) => {
  const api = useApi(engine);
  const { start, step } = reporter(api);

  it.each(["Run", "Step", "Execution"])("the metric history of a %s has pages, forward and backward", async (type) => {
    const { run } = await start({ project: freshProject() });
    const id = type === "Run" ? run.id : (await step({ run: run.id, name: "s" })).step.id;
    const time = (i: number) => `2026-01-31T12:0${i}:00.000Z`;
    const metrics = [1, 2, 3, 4, 5].map((i) => ({ key: "loss", value: i / 2, step: i, time: time(i) }));
    const { logMetrics: logged } = await api.data<{ logMetrics: { execution: { metrics: object } } }>(logMetrics, {
      input: { execution: id, metrics },
    });
    expect(logged.execution.metrics).toEqual({ loss: 2.5 });
    const page = async (args: object) => (await api.data<Answer>(history(type), { id, ...args })).node;
    const first = await page({ first: 2 });
    expect(first).toMatchObject({
      metrics: { loss: 2.5 },
      metricHistory: {
        nodes: [
          { value: 0.5, step: 1, time: time(1) },
          { value: 1, step: 2, time: time(2) },
        ],
        totalCount: 5,
        pageInfo: { hasNextPage: true, hasPreviousPage: false },
      },
    });
    const { endCursor } = first.metricHistory.pageInfo;
    expect(first.metricHistory.edges.at(-1)).toEqual({ cursor: endCursor, node: { value: 1 } });
    const rest = (await page({ after: endCursor })).metricHistory;
    expect(rest.nodes.map((point) => point.value)).toEqual([1.5, 2, 2.5]);
    expect(rest.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const last = (await page({ last: 2, before: rest.pageInfo.startCursor })).metricHistory;
    expect(last.nodes).toEqual(first.metricHistory.nodes);
  });
});
