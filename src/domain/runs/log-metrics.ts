import { groupBy } from "../../lib/group-by.ts";
import type { Run, Step } from "../../model/execution.ts";
import type { LogMetricsInput, MetricInput } from "../../model/metric.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { RequestContext } from "../core/context.ts";
import { loadExecution } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { toEntries, toLeaves } from "../core/metadata.ts";
import { validateList, validateObject, validateShortText, validateText } from "../core/validation.ts";
import { lockExecution, reviveIfStale } from "../recording/execution-lock.ts";
import { type Chunk, insertPoints, isNewer, noChunks, type Point, rankEnd, rankPrefix } from "./metric-points.ts";

type AskedSeries = { id: string; first: string; last: string; ranks: string[] };
type ChunkRow = { series: string; count: number; newest: string; from: string; until: string; points: string };
const chunksAt = statement<{ series: AskedSeries[] }, ChunkRow>("find-metric-chunks");
const storeMetrics = statement<
  { id: string; metrics: string; dropLeaves: string[]; leaves: Value; series: Value; chunks: Value },
  { id: string }
>("log-metrics");

const longestKey = 500;
const specials = ["NaN", "Infinity", "-Infinity"];

/** The name under which the points of an execution's metric are stored. */
export function seriesId(execution: string, key: string): string {
  return `${execution}/${key}`;
}

/** A point's value as it is shown: what JSON has no number for is tagged. */
export function shownValue(value: number | string): unknown {
  return typeof value === "number" ? value : { $type: "FLOAT", value };
}

/** The value of a point as it is stored; null when it is none. */
function storedValue(value: unknown): number | string | null {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (!value || typeof value !== "object" || !("$type" in value) || !("value" in value)) return null;
  const { $type: type, value: inner, ...others } = value as { $type: unknown; value: unknown };
  if (type !== "FLOAT" || Object.keys(others).length) return null;
  if (typeof inner === "string") return specials.includes(inner) ? inner : null;
  return storedValue(inner);
}

/** A metric that was published with its execution, as the first point of its history; null where it isn't a number. */
export function publishedPoint(
  execution: { startedAt?: number | null; createdAt: number },
  value: unknown,
): Point | null {
  const stored = storedValue(value);
  return stored === null
    ? null
    : [Math.min(execution.startedAt ?? execution.createdAt, execution.createdAt), 0, 0, stored];
}

interface Logged {
  key: string;
  value: number | string;
  step: number;
  time: number | null;
}

function checkMetric({ key, value, step, time }: MetricInput, i: number): Logged {
  const field = `metrics[${i}]`;
  validateShortText(key, `${field}.key`);
  validateText(key, `${field}.key`, longestKey);
  const stored = storedValue(value);
  if (stored === null)
    throw invalid(`${field}.value`, `a number, or {"$type": "FLOAT", "value": ...} with ${specials.join(", ")}`);
  return { key, value: stored, step: step ?? 0, time: time ?? null };
}

interface Series {
  id: string;
  key: string;
  count: number;
  newest: Point;
  chunks: Chunk[];
}

/** What there is of a metric: its stretches that were read, or the value that it was published with, or nothing. */
function seriesSoFar(execution: ExecutionRow, metrics: Record<string, unknown>, key: string, rows: ChunkRow[]) {
  const [row] = rows;
  if (!row) {
    const published = publishedPoint(execution, metrics[key]);
    const chunks = noChunks();
    return {
      count: published ? 1 : 0,
      newest: published,
      chunks: published ? insertPoints(chunks, [published]) : chunks,
    };
  }
  const chunks = rows.map(({ from, until, points }) => ({ from, until, points: JSON.parse(points) as Point[] }));
  return { count: row.count, newest: JSON.parse(row.newest) as Point, chunks };
}

function sameness([time, step, , value]: Point): string {
  return JSON.stringify([time, step, value]);
}

/** A metric with what is logged put in; null where all of it was there already. */
function withLogged(
  execution: ExecutionRow,
  at: number,
  metrics: Record<string, unknown>,
  key: string,
  logged: Logged[],
  rows: ChunkRow[],
): Series | null {
  const { count, newest, chunks } = seriesSoFar(execution, metrics, key, rows);
  const there = new Set(chunks.flatMap(({ points }) => points.map(sameness)));
  const points: Point[] = [];
  for (const { value, step, time } of logged) {
    const point: Point = [time ?? at, step, count + points.length, value];
    if (time !== null && there.has(sameness(point))) continue;
    there.add(sameness(point));
    points.push(point);
  }
  const [first] = points;
  if (!first) return null;
  return {
    id: seriesId(execution.id, key),
    key,
    count: count + points.length,
    newest: points.reduce((best, point) => (isNewer(point, best) ? point : best), newest ?? first),
    chunks: insertPoints(chunks, points),
  };
}

function askedSeries(execution: string, at: number, byKey: Map<string, Logged[]>): AskedSeries[] {
  return [...byKey].map(([key, logged]) => {
    const ranks = [...new Set(logged.map(({ time, step }) => rankPrefix(time ?? at, step)))].sort();
    return { id: seriesId(execution, key), first: ranks[0] ?? "", last: rankEnd(ranks.at(-1) ?? ""), ranks };
  });
}

/** The newest values that change, beside those that stay, with the leaves that make way for theirs. */
function newestValues(metrics: Record<string, unknown>, series: Series[]) {
  const values = Object.fromEntries(series.map(({ key, newest }) => [key, shownValue(newest[3])]));
  const before = Object.fromEntries(
    series.flatMap(({ key }) => (key in metrics ? [[key, metrics[key]] as const] : [])),
  );
  return {
    metrics: JSON.stringify(validateObject({ ...metrics, ...values }, "metrics")),
    leaves: toLeaves(values),
    dropLeaves: toEntries(before).map((entry) => entry.key),
  };
}

/** What logging changes in the graph, from a locked execution and the stretches that the points fall in. */
function changesOf(execution: ExecutionRow, at: number, byKey: Map<string, Logged[]>, rows: ChunkRow[]) {
  const metrics = JSON.parse(execution.metrics) as Record<string, unknown>;
  const found = groupBy(rows, (row) => row.series);
  const series = [...byKey].flatMap(
    ([key, logged]) =>
      withLogged(execution, at, metrics, key, logged, found.get(seriesId(execution.id, key)) ?? []) ?? [],
  );
  const { leaves, ...newest } = newestValues(metrics, series);
  return {
    ...newest,
    leaves: leaves.map((leaf) => ({ ...leaf, project: execution.project })),
    series: series.map(({ id, count, newest: point }) => ({ id, count, newest: JSON.stringify(point) })),
    chunks: series.flatMap(({ id, chunks }) =>
      chunks.map(({ from, until, points }) => ({
        ...{ id: `${id}#${from}`, series: id, from, until },
        points: JSON.stringify(points),
      })),
    ),
  };
}

/**
 * Logs values of an execution's metrics, of a final one too: all of them or, by a refusal, none. A fixed number of statements, whatever the
 * number of keys and points; calls about one execution wait for each other. The newest value of a metric is that of its highest step, then
 * its latest time, then the last logged. Writes no event, unless the run had gone stale: then that it runs again is told.
 */
export async function logMetrics(
  context: RequestContext<"eventLog">,
  input: LogMetricsInput,
): Promise<{ execution: Run | Step }> {
  const id = input.execution;
  const byKey = groupBy(validateList(input.metrics, "metrics").map(checkMetric), (metric) => metric.key);
  await runIdempotent(context, async (tx) => {
    const locked = await lockExecution(context, tx, id, "execution");
    const { execution, at } = locked;
    const rows = byKey.size ? await tx.run(chunksAt, { series: askedSeries(id, at, byKey) }) : [];
    const changes = changesOf(execution, at, byKey, rows);
    if (changes.series.length) tx.send(storeMetrics, { id, ...changes });
    return { result: id, events: await reviveIfStale(context.ports, tx, locked) };
  });
  return { execution: await loadExecution(context.ports, id) };
}
