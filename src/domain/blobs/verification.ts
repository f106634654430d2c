import { startPeriodicTask } from "../../lib/periodic-task.ts";
import type { Upload } from "../../model/upload.ts";
import { BlobMissing, ifMissing } from "../../ports/blob-store.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import { createDigester } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { toUpload, type UploadRow } from "../core/rows.ts";
import { recordContents } from "./contents.ts";

type Row = { upload: UploadRow };
const beginVerifying = statement<{ id: string; by: string; now: number; silent: number }, Row>("begin-verifying");
const touchUpload = statement<{ id: string; by: string; now: number }, { id: string }>("beat-upload");
const endRow = statement<
  {
    id: string;
    by: string | null;
    attempt: string;
    state: string;
    digest: string | null;
    error: string | null;
    expiresAt: number;
  },
  Row
>("end-upload");
const expireUploads = statement<{ now: number; by: string; error: string; forgetAt: number }, never>("expire-uploads");
const unfinishedUploads = statement<{ silent: number; limit: number }, Row>("unfinished-uploads");
const markDropped = statement<{ id: string }, never>("drop-upload");

/** Milliseconds between signs of life of whoever reads an upload back, and until another may take over. */
const heartbeatIntervalMs = 2_000;
const heartbeatTimeoutMs = 10_000;
/** Milliseconds until an ended upload is forgotten. */
const remembered = 7 * 86_400_000;

type VerifyDeps = Pick<Deps, "graph" | "blobs" | "newId" | "now" | "counted" | "settings">;

/** Whether the upload is now `by`'s to read back. */
export async function claimUpload({ graph, now }: VerifyDeps, id: string, by: string): Promise<boolean> {
  const at = now();
  const rows = await graph.write((tx) => tx.run(beginVerifying, { id, by, now: at, silent: at - heartbeatTimeoutMs }));
  return rows.length > 0;
}

interface End {
  by: string | null;
  state: "COMPLETE" | "FAILED";
  digest?: string;
  error?: string;
}

async function end(deps: VerifyDeps, run: Transaction["run"], { id }: Upload, how: End): Promise<boolean> {
  const { by, state, digest = null, error = null } = how;
  const params = { id, by, attempt: deps.newId(), state, digest, error, expiresAt: deps.now() + remembered };
  return (await run(endRow, params)).length > 0;
}

/** Ends an upload; false when it isn't `by`'s to end. */
export function endUpload(deps: VerifyDeps, upload: Upload, how: End): Promise<boolean> {
  return deps.graph.write((tx) => end(deps, tx.run, upload, how));
}

/** Removes what a failed upload left in the store. */
export async function dropUpload({ graph, blobs }: VerifyDeps, upload: Upload): Promise<void> {
  await blobs.parts.abort(upload);
  await blobs.remove(upload.key);
  await graph.write((tx) => tx.run(markDropped, { id: upload.id }));
}

async function fail(deps: VerifyDeps, upload: Upload, by: string, error: string): Promise<void> {
  if (await endUpload(deps, upload, { by, state: "FAILED", error })) await dropUpload(deps, upload);
}

/** Reads the object once; `alive` is asked from time to time whether to go on. Null when it said no. */
async function measure(deps: VerifyDeps, key: string, alive: () => Promise<boolean>) {
  const measuring = createDigester();
  let due = performance.now() + heartbeatIntervalMs;
  for await (const chunk of (await deps.blobs.read(key)) as AsyncIterable<Buffer>) {
    measuring.add(chunk);
    if (performance.now() < due) continue;
    if (!(await alive())) return null;
    due = performance.now() + heartbeatIntervalMs;
  }
  return measuring.end();
}

/** Of one content the first to be stored stays; what was uploaded beside it goes again. */
async function record(deps: VerifyDeps, upload: Upload, by: string, digest: string): Promise<void> {
  const { projectName: project, size, key } = upload;
  const created = await deps.graph.write(async (tx) => {
    if (!(await end(deps, tx.run, upload, { by, state: "COMPLETE", digest }))) return true;
    return (await recordContents(deps, tx.run, project, [{ digest, size, key }])).has(key);
  });
  if (!created) await deps.blobs.remove(key);
}

async function readBack(deps: VerifyDeps, upload: Upload, by: string, signal: AbortSignal): Promise<void> {
  const alive = async () => {
    if (signal.aborted) return false;
    return (await deps.graph.write((tx) => tx.run(touchUpload, { id: upload.id, by, now: deps.now() }))).length > 0;
  };
  try {
    const { parts } = deps.blobs;
    // Completed before, it has no parts any more.
    await parts.complete(upload, await parts.list(upload).catch(ifMissing([])));
    const found = await measure(deps, upload.key, alive);
    if (!found) return;
    const { digest, size } = found;
    if (size !== upload.size) return await fail(deps, upload, by, `it has ${size} bytes, not ${upload.size}`);
    if (upload.digest && upload.digest !== digest)
      return await fail(deps, upload, by, `its bytes have ${digest}, not ${upload.digest}`);
    await record(deps, upload, by, digest);
  } catch (error) {
    if (error instanceof DomainError) await fail(deps, upload, by, error.message);
    else if (error instanceof BlobMissing) await fail(deps, upload, by, "its parts are gone from the store");
    else throw error;
  }
}

/** Reads uploads back, in the background and across restarts, and clears away what failed or was abandoned. */
export interface Verifier {
  /** Resolves when the upload, which is `by`'s, is COMPLETE or FAILED, or the service ends; what goes wrong is tried again later. */
  verify(upload: Upload, by: string): Promise<void>;
  close(): Promise<void>;
}

/** Starts it: `onError` hears of what will be tried again; what is unfinished is looked at every so many milliseconds. */
export function startVerifier(deps: VerifyDeps, onError: (error: unknown) => void, every = 5_000): Verifier {
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const verify = (upload: Upload, by: string): Promise<void> => {
    const done = readBack(deps, upload, by, stopped.signal)
      .catch(onError)
      .finally(() => running.delete(done));
    running.add(done);
    return done;
  };
  const takeUp = async (upload: Upload) => {
    if (upload.state === "FAILED") return dropUpload(deps, upload);
    const by = deps.newId();
    if (await claimUpload(deps, upload.id, by)) void verify(upload, by);
  };
  const look = async () => {
    const now = deps.now();
    const unfinished = await deps.graph.read(unfinishedUploads, { silent: now - heartbeatTimeoutMs, limit: 10 });
    for (const { upload } of unfinished) if (!stopped.signal.aborted) await takeUp(toUpload(upload));
    const params = { now, by: deps.newId(), error: "its time was over", forgetAt: now + remembered };
    await deps.graph.write((tx) => tx.run(expireUploads, params));
  };
  const looking = startPeriodicTask(every, look, onError);
  return {
    verify,
    async close() {
      stopped.abort();
      await looking.stop();
      await Promise.all(running);
    },
  };
}
