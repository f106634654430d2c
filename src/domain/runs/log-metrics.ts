import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { LogMetricsInput, MetricInput } from "../../model/metric.ts";
import { anyValue, statement } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { toEntries, toLeaves } from "../core/metadata.ts";
import { parseJson } from "../core/row-values.ts";
import { validateList, validateObject, validateShortText, validateText } from "../core/validation.ts";
import { reviveIfStale } from "../recording/heartbeats.ts";
import { lockExecution } from "../recording/locks.ts";
import { lastRank, rankPrefix } from "./metric-points.ts";
import { addToSeries, chunkRow, type LoggedValue, type Series } from "./metric-series.ts";
import { seriesId, specialNumbers, toMetricValue, toStoredValue } from "./metric-values.ts";

/** The chunks to read of a metric: those that hold a rank beginning with one of `ranks`, which are sorted; `first` and `last` enclose them all. */
const seriesQuery = v.object({
  id: v.string(),
  first: v.string(),
  last: v.string(),
  ranks: v.array(v.string()),
});
type SeriesQuery = v.InferOutput<typeof seriesQuery>;

const findMetricChunks = statement({
  name: "find-metric-chunks",
  params: { series: v.array(seriesQuery) },
  row: chunkRow.entries,
});

const storeMetrics = statement({
  name: "log-metrics",
  params: {
    id: v.string(),
    metrics: v.string(),
    dropLeaves: v.array(v.string()),
    leaves: anyValue,
    series: v.array(v.object({ id: v.string(), count: v.number(), newest: v.string() })),
    chunks: v.array(
      v.object({ id: v.string(), series: v.string(), from: v.string(), until: v.string(), points: v.string() }),
    ),
  },
  row: { id: v.string() },
});

const maxKeyLength = 500;

function validateMetric({ key, value, step, time }: MetricInput, i: number): LoggedValue {
  const field = `metrics[${i}]`;
  validateShortText(key, `${field}.key`);
  validateText(key, `${field}.key`, maxKeyLength);
  const stored = toStoredValue(value);
  if (stored === null) {
    const special = `{"$type": "FLOAT", "value": ...} with one of ${specialNumbers.join(", ")}`;
    throw invalid(`${field}.value`, `must be a number, or ${special}`);
  }
  return { key, value: stored, step: step ?? 0, time: time ?? null };
}

function toSeriesQueries(executionId: string, at: number, byKey: Map<string, LoggedValue[]>): SeriesQuery[] {
  return [...byKey].map(([key, logged]) => {
    const ranks = [...new Set(logged.map(({ time, step }) => rankPrefix(time ?? at, step)))].sort();
    return { id: seriesId(executionId, key), first: ranks[0] ?? "", last: lastRank(ranks.at(-1) ?? ""), ranks };
  });
}

/** The execution's metrics with their newest values, the leaves of those that changed, and the keys of the leaves that these replace. */
function toNewestValues(current: Record<string, unknown>, series: Series[], project: string) {
  const changed = Object.fromEntries(series.map(({ key, newest }) => [key, toMetricValue(newest[3])]));
  const replaced = Object.fromEntries(Object.entries(current).filter(([key]) => Object.hasOwn(changed, key)));
  return {
    metrics: JSON.stringify(validateObject({ ...current, ...changed }, "metrics")),
    leaves: toLeaves(changed).map((leaf) => ({ ...leaf, project })),
    dropLeaves: toEntries(replaced).map((entry) => entry.key),
  };
}

/** What is written when metrics of a locked execution change. */
function toChanges(execution: ExecutionRow, current: Record<string, unknown>, series: Series[]) {
  return {
    ...toNewestValues(current, series, execution.project),
    series: series.map(({ id, count, newest }) => ({ id, count, newest: JSON.stringify(newest) })),
    chunks: series.flatMap(({ id, chunks }) =>
      chunks.map(({ from, until, points }) => ({
        id: `${id}#${from}`,
        series: id,
        from,
        until,
        points: JSON.stringify(points),
      })),
    ),
  };
}

/**
 * Logs values of an execution's metrics, even after its end: all of them or, on an error, none. Takes a fixed number of statements, however
 * many keys and points there are; calls about one execution wait for each other. The newest value of a metric is the one with the highest
 * step, then the latest time, then the one logged last. Writes no event, unless the run was stale: then one says that it is RUNNING again.
 */
export async function logMetrics(
  context: RequestContext<"eventLog">,
  input: LogMetricsInput,
): Promise<{ execution: Run | Step }> {
  const id = input.execution;
  const byKey = groupBy(validateList(input.metrics, "metrics").map(validateMetric), (metric) => metric.key);
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, id, "execution");
    const { execution, at } = locked;
    const rows = byKey.size ? await tx.run(findMetricChunks, { series: toSeriesQueries(id, at, byKey) }) : [];
    const current = parseJson<Record<string, unknown>>(execution.metrics) ?? {};
    const series = addToSeries(execution, at, current, byKey, rows);
    if (series.length) tx.send(storeMetrics, { id, ...toChanges(execution, current, series) });
    return { result: id, events: await reviveIfStale(context.ports, tx, locked) };
  });
  return { execution: await loadExecution(context.ports, id) };
}
