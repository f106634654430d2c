import { fillTemplate } from "../../lib/cypher-files.ts";
import { groupBy } from "../../lib/group-by.ts";
import type { Connection, PageArgs } from "../../model/connection.ts";
import type { Execution } from "../../model/execution.ts";
import type { MetricPoint } from "../../model/metric.ts";
import { type Statement, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { pageScope, parsePage, toConnection } from "../query/cursor-page.ts";
import { publishedPoint, seriesId, shownValue } from "./log-metrics.ts";
import { chunksFor, type Point, pointRank } from "./metric-points.ts";

type HistoryParams = { series: string[]; cursor: string | null; limit: number };
type HistoryRow = { series: string; from: string; points: string };

const counts = statement<{ series: string[] }, { series: string; count: number }>("count-metrics");

function history(backward: boolean): Statement<HistoryParams, HistoryRow> {
  return {
    name: "page-metric-history",
    text: fillTemplate("page-metric-history", {
      beyond: backward ? "from <" : "until >",
      direction: backward ? "DESC" : "ASC",
    }),
  };
}

function toMetricPoint([time, step, , value]: Point): MetricPoint {
  return { value: shownValue(value), step, time };
}

/** What an execution has of a metric before anything of it was logged: the value that it was published with. */
function published(execution: Execution, key: string): Point[] {
  const point = publishedPoint(execution, execution.metrics[key]);
  return point ? [point] : [];
}

/** One page of a metric's points for each execution, in one statement: oldest first, by time, then step, then as they were logged. `countOf` answers `totalCount`. */
export async function metricHistory(
  ports: Pick<Ports, "graph">,
  executions: readonly Execution[],
  key: string,
  args: PageArgs,
  countOf: (execution: Execution) => Promise<number>,
): Promise<Connection<MetricPoint>[]> {
  const scopes = executions.map(({ id }) => pageScope("metricHistory", id, key));
  const [page] = scopes.map((scope) => parsePage(args, scope));
  if (!page) return [];
  const cursor = page.cursor === null ? null : String(page.cursor[0]);
  const series = executions.map(({ id }) => seriesId(id, key));
  const limit = chunksFor(page.limit + 1);
  const rows = groupBy(await ports.graph.read(history(page.backward), { series, cursor, limit }), (row) => row.series);
  return executions.map((execution, i) => {
    const chunks = rows.get(series[i] ?? "");
    const points = chunks?.flatMap((row) => JSON.parse(row.points) as Point[]) ?? published(execution, key);
    const ranked = points
      .map((point) => ({ keys: [pointRank(point)], rank: pointRank(point), node: toMetricPoint(point) }))
      .filter(({ rank }) => cursor === null || (page.backward ? rank < cursor : rank > cursor))
      .sort((a, b) => (a.rank < b.rank === page.backward ? 1 : -1));
    return toConnection(ranked.slice(0, page.limit + 1), page, scopes[i] ?? "", () => countOf(execution));
  });
}

/** How many points of a metric each execution has, in one statement. */
export async function countMetric(
  ports: Pick<Ports, "graph">,
  executions: readonly Execution[],
  key: string,
): Promise<number[]> {
  const series = executions.map(({ id }) => seriesId(id, key));
  const found = new Map((await ports.graph.read(counts, { series })).map((row) => [row.series, row.count]));
  return executions.map((execution, i) => found.get(series[i] ?? "") ?? published(execution, key).length);
}
