import { NotShown } from "../../lib/parquet/budget.ts";
import type { ReadRange } from "../../lib/parquet/leaf.ts";
import { openTable } from "../../lib/parquet/table.ts";
import type { FromProcess, ToProcess } from "./parquet-messages.ts";

// Runs in a separate process, so that the service can end it whatever a file makes it do.

function send(message: FromProcess): void {
  process.send?.(message);
}

const waiting = new Map<number, (bytes: Uint8Array) => void>();
let lastRequest = 0;

/** Bytes that are asked for at once: they are copied in one go, for which the service holds still. */
const maxPiece = 4 * 2 ** 20;

function askForPiece(start: number, end: number): Promise<Uint8Array> {
  return new Promise((resolve) => {
    lastRequest += 1;
    waiting.set(lastRequest, resolve);
    send({ kind: "range", request: lastRequest, start, end });
  });
}

/** Asks the service for bytes of the file. */
const askForRange: ReadRange = async (start, end) => {
  if (end - start <= maxPiece) return askForPiece(start, end);
  const bytes = new Uint8Array(end - start);
  for (let at = start; at < end; at += maxPiece)
    bytes.set(await askForPiece(at, Math.min(end, at + maxPiece)), at - start);
  return bytes;
};

async function preview(message: Extract<ToProcess, { kind: "file" }>): Promise<void> {
  const { size, whole, rows, columns } = message;
  const read: ReadRange = whole ? async (start, end) => whole.subarray(start, end) : askForRange;
  const table = await openTable(read, size, { rows, columns });
  send({ kind: "outline", table: table.outline });
  const shown = await table.readRows();
  send({ kind: "table", json: JSON.stringify(shown), truncated: shown.truncated });
}

process.on("message", (message: ToProcess) => {
  if (message.kind === "range") {
    waiting.get(message.request)?.(message.bytes);
    waiting.delete(message.request);
    return;
  }
  preview(message).catch((error) => {
    send({ kind: "unreadable", why: error instanceof NotShown ? error.message : "has a broken footer" });
  });
});

// Without the service nobody waits for the answer.
process.on("disconnect", () => process.exit());
