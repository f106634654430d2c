import * as v from "valibot";
import { groupBy } from "../../lib/group-by.ts";
import type { ExecutionRow } from "../core/execution-row.ts";
import { type Chunk, emptyChunks, insertPoints, isNewer, type Point, parsePoints } from "./metric-points.ts";
import { seriesId, toPublishedPoint } from "./metric-values.ts";

/** A value to log. Without a time (in milliseconds) its point gets the time of the call. */
export interface LoggedValue {
  key: string;
  value: number | string;
  step: number;
  time: number | null;
}

/** A stored chunk of a metric, with the number of points that the whole metric has and its newest one. Points are JSON. */
export const chunkRow = v.object({
  series: v.string(),
  count: v.number(),
  newest: v.string(),
  from: v.string(),
  until: v.string(),
  points: v.string(),
});
type ChunkRow = v.InferOutput<typeof chunkRow>;

/** A metric after values were logged: how many points it has, the newest one, and the chunks that are new or changed. */
export interface Series {
  id: string;
  key: string;
  count: number;
  newest: Point;
  chunks: Chunk[];
}

/** A metric before values are logged, as far as it was read. Without stored chunks it has the value that it was published with, if any. */
function toCurrentSeries(execution: ExecutionRow, publishedValue: unknown, rows: ChunkRow[]) {
  const [row] = rows;
  if (row) {
    const chunks = rows.map(({ from, until, points }) => ({ from, until, points: parsePoints(points) }));
    const newest: Point = JSON.parse(row.newest);
    return { count: row.count, newest, chunks };
  }
  const published = toPublishedPoint(execution, publishedValue);
  if (!published) return { count: 0, newest: null, chunks: emptyChunks() };
  return { count: 1, newest: published, chunks: insertPoints(emptyChunks(), [published]) };
}

/** Points with the same text are the same measurement. */
function toMeasurement([time, step, , value]: Point): string {
  return JSON.stringify([time, step, value]);
}

/** The points of logged values, without those that were given with their time and are stored already. */
function toNewPoints(logged: LoggedValue[], at: number, count: number, chunks: Chunk[]): Point[] {
  const known = new Set(chunks.flatMap(({ points }) => points.map(toMeasurement)));
  const points: Point[] = [];
  for (const { value, step, time } of logged) {
    const point: Point = [time ?? at, step, count + points.length, value];
    const measurement = toMeasurement(point);
    if (time !== null && known.has(measurement)) continue;
    known.add(measurement);
    points.push(point);
  }
  return points;
}

/**
 * The metrics of an execution that change when values are logged at a time by its run's clock. `published` are the execution's metrics by key,
 * `rows` the stored chunks that the values fall into.
 */
export function addToSeries(
  execution: ExecutionRow,
  at: number,
  published: Record<string, unknown>,
  byKey: Map<string, LoggedValue[]>,
  rows: ChunkRow[],
): Series[] {
  const rowsById = groupBy(rows, (row) => row.series);
  return [...byKey].flatMap(([key, logged]): Series[] => {
    const id = seriesId(execution.id, key);
    const { count, newest, chunks } = toCurrentSeries(execution, published[key], rowsById.get(id) ?? []);
    const points = toNewPoints(logged, at, count, chunks);
    const [first] = points;
    if (!first) return [];
    return [
      {
        id,
        key,
        count: count + points.length,
        newest: points.reduce((best, point) => (isNewer(point, best) ? point : best), newest ?? first),
        chunks: insertPoints(chunks, points),
      },
    ];
  });
}
