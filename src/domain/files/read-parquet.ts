import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { openContent } from "../blobs/verified-read.ts";
import type { ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";

const isBuilt = import.meta.url.endsWith(".js");
const script = fileURLToPath(new URL(`./parquet-worker${isBuilt ? ".js" : ".ts"}`, import.meta.url));
/** From source a thread needs the loader too, which it can't inherit. */
const [code, options] = isBuilt
  ? [script, {}]
  : [`require("tsx/cjs"); require(${JSON.stringify(script)})`, { eval: true }];

/** Bytes of a file that are looked at, milliseconds that it may take, and megabytes of memory. */
const most = { bytes: 64 * 2 ** 20, time: 10_000, memory: 256 };

function tooLarge(what: string, limit: number): DomainError {
  return new DomainError("TOO_LARGE", `this table needs more than ${what} to be looked into: download it`, { limit });
}

type Ask = { id: number; start: number; end: number } | { table: string };

/** The columns and first rows of a parquet file as JSON; read in a thread of its own, within bounds of size, time and memory. */
export async function readParquet(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  bounds: { rows: number; columns: number },
): Promise<string> {
  const worker = new Worker(code, {
    ...options,
    workerData: { size: file.size, ...bounds },
    resourceLimits: { maxOldGenerationSizeMb: most.memory },
  });
  let bytes = 0;
  const give = async ({ id, start, end }: { id: number; start: number; end: number }) => {
    bytes += end - start;
    if (bytes > most.bytes) throw tooLarge(`${most.bytes} bytes`, most.bytes);
    const got = end > start ? await buffer(await openContent(context, file, { start, end: end - 1 })) : Buffer.alloc(0);
    const own = new Uint8Array(got).buffer;
    worker.postMessage({ id, bytes: own }, [own]);
  };
  let late: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      late = setTimeout(() => reject(tooLarge(`${most.time} ms`, most.time)), most.time);
      worker.on("message", (ask: Ask) => ("table" in ask ? resolve(ask.table) : void give(ask).catch(reject)));
      worker.on("error", () => reject(invalid("path", "this file can't be read as parquet")));
      worker.on("exit", () => reject(invalid("path", "this file can't be read as parquet")));
    });
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}
