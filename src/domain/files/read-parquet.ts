import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { ShownTable } from "../../lib/parquet/table.ts";
import { createSemaphore } from "../../lib/semaphore.ts";
import { readRange, readWhole } from "../blobs/verified-read.ts";
import type { ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { DomainError, invalid, Overloaded } from "../core/errors.ts";
import type { FromProcess, ToProcess } from "./parquet-messages.ts";

/** A table as JSON, and whether there is more in the file. */
export interface TablePreview {
  json: string;
  truncated: boolean;
}

const isBuilt = import.meta.url.endsWith(".js");
const script = fileURLToPath(new URL(`./parquet-process${isBuilt ? ".js" : ".ts"}`, import.meta.url));

const mebibyte = 2 ** 20;
/** Memory of a process: what JavaScript's objects may take, and all of it, where the system tells. */
const maxMemory = { objects: 256, all: 640 * mebibyte };
/** From the start of the process on; it ends its work earlier by itself, when it has used 3 s of a processor. */
const timeoutMs = 20_000;
/** Files of up to this size are read whole, and so verified. */
const maxWhole = 4 * mebibyte;

// For the whole process and not for each service in it, because they share the machine's memory.
const inTurn = createSemaphore(2, {
  maxWaiting: 16,
  maxWaitMs: 20_000,
  refusal: () => new Overloaded("too many parquet files are being previewed"),
});

/** Starts the process. It gets none of the service's environment, in which there are passwords. */
function start(): ChildProcess {
  const fromSource = isBuilt ? [] : ["--import", "tsx"];
  return fork(script, [], {
    ...{ env: {}, serialization: "advanced", stdio: ["ignore", "ignore", "ignore", "ipc"] },
    execArgv: [`--max-old-space-size=${maxMemory.objects}`, ...fromSource],
  });
}

/** Bytes that a process takes; null where the system doesn't tell. */
async function memoryOf({ pid }: ChildProcess): Promise<number | null> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}

/** Calls `onOver` with why the process has to end or did: it took too long or too much memory. Returns what ends the watch. */
function watch(child: ChildProcess, onOver: (why: string) => void): () => void {
  const timeout = setTimeout(() => onOver(`reading them took more than ${timeoutMs} ms`), timeoutMs);
  const check = async () => {
    if (((await memoryOf(child)) ?? 0) > maxMemory.all) onOver("reading them took too much memory");
  };
  const interval = setInterval(() => void check(), 100);
  child.once("exit", () => onOver("reading them took too much memory"));
  return () => {
    clearTimeout(timeout);
    clearInterval(interval);
  };
}

/** A table whose rows could not be read in the time and memory that there are. */
function withoutRows(outline: ShownTable, why: string): TablePreview {
  const note = [outline.note, `The rows are not shown: ${why}.`].filter((said) => said !== undefined).join(" ");
  return { json: JSON.stringify({ ...outline, note, truncated: true }), truncated: true };
}

/** Bytes of the file. A range is not verified against the digest, for which the whole file would have to be read: damaged ones give a wrong or broken preview. */
async function readBytes(context: ServiceContext<"contentStore">, file: StoredFile, start: number, end: number) {
  return end > start ? buffer(await readRange(context, file, { start, end: end - 1 })) : Buffer.alloc(0);
}

type Answer = Exclude<FromProcess, { kind: "range" }>;

/** Gives the process the bytes that it asks for, and passes on its answers. */
function serve(
  child: ChildProcess,
  read: (start: number, end: number) => Promise<Buffer>,
  on: { answer: (answer: Answer) => void; error: (error: unknown) => void },
): void {
  const give = async (request: number, start: number, end: number) => {
    const message: ToProcess = { kind: "range", request, bytes: await read(start, end) };
    if (child.connected) child.send(message);
  };
  child.on("message", (message: FromProcess) => {
    if (message.kind === "range") give(message.request, message.start, message.end).catch(on.error);
    else on.answer(message);
  });
  child.on("error", () => on.error(new Overloaded("no process can be started for the preview")));
}

async function endProcess(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** What an answer means for the caller; undefined as long as the table is awaited. */
function toPreview(answer: Answer): TablePreview | undefined {
  if (answer.kind === "unreadable") throw invalid("path", `this file can't be read as parquet: it ${answer.why}`);
  return answer.kind === "table" ? answer : undefined;
}

async function preview(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  shown: { rows: number; columns: number },
): Promise<TablePreview> {
  const whole = file.size <= maxWhole ? await readWhole(context, file) : null;
  const child = start();
  let stop: (() => void) | undefined;
  try {
    return await new Promise<TablePreview>((resolve, reject) => {
      let outline: ShownTable | undefined;
      stop = watch(child, (why) => {
        if (outline) resolve(withoutRows(outline, why));
        else reject(new DomainError("TOO_LARGE", `the columns are not shown: ${why}`, { limit: timeoutMs }));
      });
      const onAnswer = (answer: Answer) => {
        if (answer.kind === "outline") outline = answer.table;
        try {
          const found = toPreview(answer);
          if (found) resolve(found);
        } catch (error) {
          reject(error);
        }
      };
      serve(child, (from, to) => readBytes(context, file, from, to), { answer: onAnswer, error: reject });
      child.send({ kind: "file", size: file.size, whole, ...shown } satisfies ToProcess);
    });
  } finally {
    stop?.();
    await endProcess(child);
  }
}

/**
 * The columns and first rows of a parquet file: the columns always, rows as far as a preview may read. A separate process looks into the file, and
 * ends with it. `INVALID_INPUT` for what is no parquet file; `UNAVAILABLE` if too many are previewed at once.
 */
export function readParquet(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  shown: { rows: number; columns: number },
): Promise<TablePreview> {
  return inTurn(() => preview(context, file, shown));
}
