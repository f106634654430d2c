import { parentPort, workerData } from "node:worker_threads";
import { type AsyncBuffer, parquetMetadataAsync, parquetRead, parquetSchema, type SchemaElement } from "hyparquet";
import { compressors } from "hyparquet-compressors";

// Runs in a thread of its own, so that a file that takes for ever, or all memory, takes it from nobody else.

const port = parentPort;
if (!port) throw new Error("this file is a thread's");
const { size, rows, columns } = workerData as { size: number; rows: number; columns: number };

const waiting = new Map<number, (bytes: ArrayBuffer) => void>();
port.on("message", ({ id, bytes }: { id: number; bytes: ArrayBuffer }) => {
  waiting.get(id)?.(bytes);
  waiting.delete(id);
});

let asked = 0;

/** Bytes of the file, which the thread that asked has. */
const file: AsyncBuffer = {
  byteLength: size,
  slice: (start, end = size) =>
    new Promise((resolve) => {
      asked += 1;
      const id = asked;
      waiting.set(id, resolve);
      port.postMessage({ id, start, end });
    }),
};

const longest = 1_000;

/** What JSON has no word for: large whole numbers and bytes become texts; long texts are cut. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Uint8Array) return Buffer.from(value.subarray(0, longest)).toString("base64");
  return typeof value === "string" && value.length > longest ? `${value.slice(0, longest)}…` : value;
}

function typeOf({ logical_type, converted_type, type }: SchemaElement): string {
  return (logical_type?.type ?? converted_type ?? type ?? "GROUP").toLowerCase();
}

async function inspect(): Promise<string> {
  const metadata = await parquetMetadataAsync(file);
  const all = parquetSchema(metadata).children.map(({ element }) => ({ name: element.name, type: typeOf(element) }));
  const shown = all.slice(0, columns);
  const read: unknown[][] = [];
  await parquetRead({
    ...{ file, metadata, compressors, columns: shown.map(({ name }) => name), useOffsetIndex: true },
    ...{ rowStart: 0, rowEnd: Math.min(rows, Number(metadata.num_rows)) },
    onComplete: (found) => read.push(...found),
  });
  const truncated = Number(metadata.num_rows) > read.length || all.length > shown.length;
  return JSON.stringify({ columns: shown, rows: read, rowCount: Number(metadata.num_rows), truncated }, plain);
}

inspect().then(
  (table) => port.postMessage({ table }),
  () => process.exit(1),
);
