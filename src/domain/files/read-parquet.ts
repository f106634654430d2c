import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { openContent } from "../blobs/verified-read.ts";
import type { ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";

const isBuilt = import.meta.url.endsWith(".js");
const script = fileURLToPath(new URL(`./parquet-worker${isBuilt ? ".js" : ".ts"}`, import.meta.url));
/** When running from source, the thread needs the TypeScript loader too, which it can't inherit. */
const [code, options] = isBuilt
  ? [script, {}]
  : [`require("tsx/cjs"); require(${JSON.stringify(script)})`, { eval: true }];

const maxReadBytes = 64 * 2 ** 20;
const timeoutMs = 10_000;
const maxMemoryMegabytes = 256;

function tooLarge(what: string, limit: number): DomainError {
  const message = `the preview of this table needs more than ${what}; download the file instead`;
  return new DomainError("TOO_LARGE", message, { limit });
}

/** What the thread sends: a request for bytes of the file (end exclusive), or the result. */
type WorkerMessage = { id: number; start: number; end: number } | { table: string };

/**
 * The columns and first rows of a Parquet file as JSON. A worker thread with limited memory and time reads it. Throws `TOO_LARGE` beyond these
 * limits, and `INVALID_INPUT` when the file can't be read.
 */
export async function readParquet(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  limits: { rows: number; columns: number },
): Promise<string> {
  const worker = new Worker(code, {
    ...options,
    workerData: { size: file.size, ...limits },
    resourceLimits: { maxOldGenerationSizeMb: maxMemoryMegabytes },
  });
  let readBytes = 0;
  const sendBytes = async ({ id, start, end }: { id: number; start: number; end: number }) => {
    readBytes += end - start;
    if (readBytes > maxReadBytes) throw tooLarge(`${maxReadBytes} bytes`, maxReadBytes);
    const part =
      end > start ? await buffer(await openContent(context, file, { start, end: end - 1 })) : Buffer.alloc(0);
    const bytes = new Uint8Array(part).buffer;
    worker.postMessage({ id, bytes }, [bytes]);
  };
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<string>((resolve, reject) => {
      timer = setTimeout(() => reject(tooLarge(`${timeoutMs} ms`, timeoutMs)), timeoutMs);
      const unreadable = () => reject(invalid("path", "this file cannot be read as Parquet; download it instead"));
      worker.on("message", (message: WorkerMessage) =>
        "table" in message ? resolve(message.table) : void sendBytes(message).catch(reject),
      );
      worker.on("error", unreadable);
      worker.on("exit", unreadable);
    });
  } finally {
    clearTimeout(timer);
    await worker.terminate();
  }
}
