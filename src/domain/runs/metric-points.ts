/** One value of a metric as it is stored: time in milliseconds since 1970, step, position among those logged of this metric, and the value or the name of a special one. */
export type Point = readonly [time: number, step: number, position: number, value: number | string];

/** A stretch of a metric's points in their order: from rank `from`, up to the rank `until` of the next one. The first begins at "", the last ends at `end`. */
export interface Chunk {
  from: string;
  until: string;
  points: Point[];
}

/** Behind every rank. */
const end = "~";
/** Points that a chunk holds at most; all but a metric's last hold at least half as many. */
const capacity = 250;
const offset = 2n ** 53n;

function padded(value: number): string {
  return (BigInt(value) + offset).toString().padStart(17, "0");
}

/** What all points of one time and step have at the beginning of their ranks. */
export function rankPrefix(time: number, step: number): string {
  return `${padded(time)}.${padded(step)}.`;
}

/** A text by which points are in order: by time, then step, then as they were logged. */
export function pointRank([time, step, position]: Point): string {
  return `${rankPrefix(time, step)}${String(position).padStart(12, "0")}`;
}

/** The end of the ranks that begin so. */
export function lastRank(prefix: string): string {
  return prefix + end;
}

/** The chunks of a metric that has no points yet. */
export function emptyChunks(): Chunk[] {
  return [{ from: "", until: end, points: [] }];
}

/** How many chunks hold so many points, wherever among them one begins. */
export function maxChunksFor(points: number): number {
  return Math.ceil(points / (capacity / 2)) + 1;
}

/** Whether `a` is the newer value of a metric: by step, then time, then as they were logged. */
export function isNewer(a: Point, b: Point): boolean {
  return (a[1] - b[1] || a[0] - b[0] || a[2] - b[2]) > 0;
}

function inOrder(a: Point, b: Point): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2];
}

/** The end of a metric is filled up, since most points come there; in between what is full parts evenly, to leave room. */
function parted(points: Point[], last: boolean): Point[][] {
  const parts = Math.max(1, Math.ceil(points.length / capacity));
  const size = last ? capacity : Math.ceil(points.length / parts);
  return Array.from({ length: parts }, (_, i) => points.slice(i * size, (i + 1) * size));
}

function withPoints(chunk: Chunk, more: Point[]): Chunk[] {
  const parts = parted([...chunk.points, ...more].sort(inOrder), chunk.until === end);
  const starts = parts.map((part, i) => (i && part[0] ? pointRank(part[0]) : chunk.from));
  return parts.map((points, i) => ({ from: starts[i] ?? "", until: starts[i + 1] ?? chunk.until, points }));
}

/** The chunks that change or come about when points are put among those of a metric; `chunks` are at least those that the points fall in. */
export function insertPoints(chunks: Chunk[], points: Point[]): Chunk[] {
  const ranked = points.map((point) => ({ point, rank: pointRank(point) }));
  return chunks.flatMap((chunk) => {
    const mine = ranked.filter(({ rank }) => rank >= chunk.from && rank < chunk.until);
    return mine.length
      ? withPoints(
          chunk,
          mine.map(({ point }) => point),
        )
      : [];
  });
}
