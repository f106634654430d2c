import * as v from "valibot";
import { fillTemplate } from "../../lib/cypher-files.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Execution } from "../../model/execution.ts";
import type { MetricPoint } from "../../model/metric.ts";
import { builtStatement, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { getCursorScope, parsePage, toConnection } from "../query/cursor-page.ts";
import { maxChunksFor, type Point, parsePoints, pointRank } from "./metric-points.ts";
import { seriesId, toMetricValue, toPublishedPoint } from "./metric-values.ts";

const countMetrics = statement({
  name: "count-metrics",
  params: { series: v.array(v.string()) },
  row: { series: v.string(), count: v.number() },
});

function pageStatement(backward: boolean) {
  const text = fillTemplate("page-metric-history", {
    afterCursor: backward ? "from <" : "until >",
    direction: backward ? "DESC" : "ASC",
  });
  return builtStatement("page-metric-history", text, { series: v.string(), from: v.string(), points: v.string() });
}
const pageForward = pageStatement(false);
const pageBackward = pageStatement(true);

function toMetricPoint([time, step, , value]: Point): MetricPoint {
  return { value: toMetricValue(value), step, time };
}

/** The points of a metric of which nothing was logged: the value that it was published with, if any. */
function toPublishedPoints(execution: Execution, key: string): Point[] {
  const point = toPublishedPoint(execution, execution.metrics[key]);
  return point ? [point] : [];
}

/**
 * One page of a metric's points for each execution, in one statement, oldest first: by time, then step, then the order in which they were
 * logged. `countPoints` resolves with the `totalCount` of an execution's page.
 */
export async function findMetricHistories(
  ports: Pick<Ports, "graph">,
  executions: readonly Execution[],
  key: string,
  args: PageArgs,
  countPoints: (execution: Execution) => Promise<number>,
): Promise<Connection<MetricPoint>[]> {
  const scopes = executions.map(({ id }) => getCursorScope("metricHistory", id, key));
  const [page] = scopes.map((scope) => parsePage(args, scope));
  if (!page) return [];
  const cursor = page.cursor === null ? null : String(page.cursor[0]);
  const series = executions.map(({ id }) => seriesId(id, key));
  const limit = maxChunksFor(page.limit + 1);
  const found = await ports.graph.read(page.backward ? pageBackward : pageForward, { series, cursor, limit });
  const chunksById = groupBy(found, (row) => row.series);
  return executions.map((execution, i) => {
    const chunks = chunksById.get(series[i] ?? "");
    const points = chunks?.flatMap((row) => parsePoints(row.points)) ?? toPublishedPoints(execution, key);
    const ranked = points
      .map((point) => ({ keys: [pointRank(point)], rank: pointRank(point), node: toMetricPoint(point) }))
      .filter(({ rank }) => cursor === null || (page.backward ? rank < cursor : rank > cursor))
      .sort((a, b) => (a.rank < b.rank === page.backward ? 1 : -1));
    return toConnection(ranked.slice(0, page.limit + 1), page, scopes[i] ?? "", () => countPoints(execution));
  });
}

/** The number of points that a metric of each execution has, in one statement. */
export async function countMetricPoints(
  ports: Pick<Ports, "graph">,
  executions: readonly Execution[],
  key: string,
): Promise<number[]> {
  const series = executions.map(({ id }) => seriesId(id, key));
  const found = new Map((await ports.graph.read(countMetrics, { series })).map((row) => [row.series, row.count]));
  return executions.map((execution, i) => found.get(series[i] ?? "") ?? toPublishedPoints(execution, key).length);
}
