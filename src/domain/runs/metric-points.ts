/**
 * One value of a metric as it is stored: the time in milliseconds since 1970, the step, the position in the order in which the metric's values
 * were logged, and the value, the name of a special number, or the digits of a long whole number.
 */
export type Point = readonly [time: number, step: number, position: number, value: number | string];

/**
 * Consecutive points of a metric: those whose rank is at or after `from` and before `until`, which is the `from` of the next chunk. The first
 * chunk begins at "", the last ends at `endRank`.
 */
export interface Chunk {
  from: string;
  until: string;
  points: Point[];
}

/** After every rank. */
const endRank = "~";
/** Every chunk but the last of a metric holds at least half as many. */
const maxPointsPerChunk = 250;
/** Makes every safe integer positive, so that their decimal texts sort as the numbers do. */
const offset = 2n ** 53n;

function toSortableText(value: number): string {
  return (BigInt(value) + offset).toString().padStart(17, "0");
}

/** The points that a chunk was stored with. */
export function parsePoints(json: string): Point[] {
  return JSON.parse(json);
}

/** The beginning of the ranks of all points with this time (in milliseconds) and step. */
export function rankPrefix(time: number, step: number): string {
  return `${toSortableText(time)}.${toSortableText(step)}.`;
}

/** A text that sorts points by time, then step, then the order in which they were logged. */
export function pointRank([time, step, position]: Point): string {
  return `${rankPrefix(time, step)}${String(position).padStart(12, "0")}`;
}

/** A rank after all those that begin with `prefix`. */
export function lastRank(prefix: string): string {
  return prefix + endRank;
}

/** The chunks of a metric without points. */
export function emptyChunks(): Chunk[] {
  return [{ from: "", until: endRank, points: [] }];
}

/** The maximum number of chunks that hold this many consecutive points, wherever the first of them is. */
export function maxChunksFor(points: number): number {
  return Math.ceil(points / (maxPointsPerChunk / 2)) + 1;
}

/** Whether `a` is a newer value of a metric than `b`: by step, then time, then the order in which they were logged. */
export function isNewer(a: Point, b: Point): boolean {
  return (a[1] - b[1] || a[0] - b[0] || a[2] - b[2]) > 0;
}

function comparePoints(a: Point, b: Point): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** Fills the chunks at the end of a metric completely, because most points arrive there; elsewhere it splits evenly, to leave room. */
function splitPoints(points: Point[], isLast: boolean): Point[][] {
  const parts = Math.max(1, Math.ceil(points.length / maxPointsPerChunk));
  const size = isLast ? maxPointsPerChunk : Math.ceil(points.length / parts);
  return Array.from({ length: parts }, (_, i) => points.slice(i * size, (i + 1) * size));
}

function addToChunk(chunk: Chunk, added: Point[]): Chunk[] {
  const parts = splitPoints([...chunk.points, ...added].sort(comparePoints), chunk.until === endRank);
  const starts = parts.map((part, i) => (i && part[0] ? pointRank(part[0]) : chunk.from));
  return parts.map((points, i) => ({ from: starts[i] ?? "", until: starts[i + 1] ?? chunk.until, points }));
}

/** The new and changed chunks when points are inserted into a metric. `chunks` must include those that the points fall into. */
export function insertPoints(chunks: Chunk[], points: Point[]): Chunk[] {
  const ranked = points.map((point) => ({ point, rank: pointRank(point) }));
  return chunks.flatMap((chunk) => {
    const added = ranked.filter(({ rank }) => rank >= chunk.from && rank < chunk.until).map(({ point }) => point);
    return added.length ? addToChunk(chunk, added) : [];
  });
}
