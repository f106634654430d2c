import { parentPort, workerData } from "node:worker_threads";
import { type AsyncBuffer, parquetMetadataAsync, parquetRead, parquetSchema, type SchemaElement } from "hyparquet";
import { compressors } from "hyparquet-compressors";

// Runs in its own thread, so that a file that takes endless time or memory doesn't affect anything else.

const port = parentPort;
if (!port) throw new Error("parquet-worker must run in a worker thread");
const { size, rows, columns }: { size: number; rows: number; columns: number } = workerData;

const pending = new Map<number, (bytes: ArrayBuffer) => void>();
port.on("message", ({ id, bytes }: { id: number; bytes: ArrayBuffer }) => {
  pending.get(id)?.(bytes);
  pending.delete(id);
});

let requests = 0;

/** The file; its bytes are requested from the parent thread. */
const file: AsyncBuffer = {
  byteLength: size,
  slice: (start, end = size) =>
    new Promise((resolve) => {
      requests += 1;
      const id = requests;
      pending.set(id, resolve);
      port.postMessage({ id, start, end });
    }),
};

const maxValueLength = 1_000;

/** Converts values that JSON doesn't have: large integers and bytes become text; long text is cut. */
function toJsonValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, maxValueLength)).toString("base64");
  return typeof value === "string" && value.length > maxValueLength ? `${value.slice(0, maxValueLength)}…` : value;
}

function getTypeName({ logical_type, converted_type, type }: SchemaElement): string {
  return (logical_type?.type ?? converted_type ?? type ?? "GROUP").toLowerCase();
}

async function readTable(): Promise<string> {
  const metadata = await parquetMetadataAsync(file);
  const rowCount = Number(metadata.num_rows);
  const all = parquetSchema(metadata).children.map(({ element }) => ({
    name: element.name,
    type: getTypeName(element),
  }));
  const shown = all.slice(0, columns);
  const table: unknown[][] = [];
  await parquetRead({
    file,
    metadata,
    compressors,
    columns: shown.map(({ name }) => name),
    useOffsetIndex: true,
    rowStart: 0,
    rowEnd: Math.min(rows, rowCount),
    onComplete: (found) => table.push(...found),
  });
  const truncated = rowCount > table.length || all.length > shown.length;
  return JSON.stringify({ columns: shown, rows: table, rowCount, truncated }, toJsonValue);
}

readTable().then(
  (table) => port.postMessage({ table }),
  () => process.exit(1),
);
