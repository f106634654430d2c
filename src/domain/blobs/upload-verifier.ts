import type { Job } from "../../lib/job.ts";
import type { Upload } from "../../model/upload.ts";
import { BlobMissing, ifMissing } from "../../ports/blob-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext, UploadVerifier } from "../core/context.ts";
import { createDigester } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { toUpload, type UploadRow } from "../core/upload-row.ts";
import { recordContents } from "./record-contents.ts";
import { claimUpload, end, endUpload, heartbeatTimeoutMs, remembered, removeUploadBytes } from "./upload-state.ts";

type Row = { upload: UploadRow };

const touchUpload = statement<{ id: string; by: string; now: number }, { id: string }>("touch-upload");

const expireUploads = statement<{ now: number; by: string; error: string; forgetAt: number }, never>("expire-uploads");

const unfinishedUploads = statement<{ silent: number; limit: number }, Row>("find-unfinished-uploads");

/** Milliseconds between signs of life of whoever reads an upload back, and until another may take over. */
const heartbeatIntervalMs = 2_000;

async function fail(
  ports: Pick<Ports, "blobs" | "graph" | "newId" | "now">,
  upload: Upload,
  by: string,
  error: string,
): Promise<void> {
  if (await endUpload(ports, upload, { by, state: "FAILED", error })) await removeUploadBytes(ports, upload);
}

/** Reads the object once; `alive` is asked from time to time whether to go on. Null when it said no. */
async function measure(ports: Pick<Ports, "blobs">, key: string, alive: () => Promise<boolean>) {
  const measuring = createDigester();
  let due = performance.now() + heartbeatIntervalMs;
  for await (const chunk of (await ports.blobs.read(key)) as AsyncIterable<Buffer>) {
    measuring.add(chunk);
    if (performance.now() < due) continue;
    if (!(await alive())) return null;
    due = performance.now() + heartbeatIntervalMs;
  }
  return measuring.end();
}

/** Of one content the first to be stored stays; what was uploaded beside it goes again. */
async function record(
  context: ServiceContext<"contentStore">,
  upload: Upload,
  by: string,
  digest: string,
): Promise<void> {
  const { projectName: project, size, key } = upload;
  const created = await context.ports.graph.write(async (tx) => {
    if (!(await end(context.ports, tx.run, upload, { by, state: "COMPLETE", digest }))) return true;
    return (await recordContents(context, tx.run, project, [{ digest, size, key }])).has(key);
  });
  if (!created) await context.ports.blobs.remove(key);
}

async function readBack(
  context: ServiceContext<"contentStore">,
  upload: Upload,
  by: string,
  signal: AbortSignal,
): Promise<void> {
  const alive = async () => {
    if (signal.aborted) return false;
    return (
      (await context.ports.graph.write((tx) => tx.run(touchUpload, { id: upload.id, by, now: context.ports.now() })))
        .length > 0
    );
  };
  try {
    const { parts } = context.ports.blobs;
    // Completed before, it has no parts any more.
    await parts.complete(upload, await parts.list(upload).catch(ifMissing([])));
    const found = await measure(context.ports, upload.key, alive);
    if (!found) return;
    const { digest, size } = found;
    if (size !== upload.size) return await fail(context.ports, upload, by, `it has ${size} bytes, not ${upload.size}`);
    if (upload.digest && upload.digest !== digest)
      return await fail(context.ports, upload, by, `its bytes have ${digest}, not ${upload.digest}`);
    await record(context, upload, by, digest);
  } catch (error) {
    if (error instanceof DomainError) await fail(context.ports, upload, by, error.message);
    else if (error instanceof BlobMissing) await fail(context.ports, upload, by, "its parts are gone from the store");
    else throw error;
  }
}

/** The verifier, and the job that picks up what other processes left unfinished. */
export interface UploadVerification extends UploadVerifier {
  job: Job;
  /** Stops verifying; resolves once nothing is under way. */
  close(): Promise<void>;
}

const everyMs = 5_000;

const maxResumed = 10;

/** Creates the verifier of a process. `onError` is called with failures that will be retried by the job of some process. */
export function createUploadVerifier(
  context: ServiceContext<"contentStore">,
  onError: (error: unknown) => void,
): UploadVerification {
  const { ports } = context;
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const verify = (upload: Upload, by: string): Promise<void> => {
    const done = readBack(context, upload, by, stopped.signal)
      .catch(onError)
      .finally(() => running.delete(done));
    running.add(done);
    return done;
  };
  const resume = async (upload: Upload) => {
    if (upload.state === "FAILED") return removeUploadBytes(ports, upload);
    const by = ports.newId();
    if (await claimUpload(ports, upload.id, by)) void verify(upload, by);
  };
  const run = async (signal: AbortSignal) => {
    const now = ports.now();
    const unfinished = await ports.graph.read(unfinishedUploads, {
      silent: now - heartbeatTimeoutMs,
      limit: maxResumed,
    });
    for (const { upload } of unfinished) if (!signal.aborted) await resume(toUpload(upload));
    const params = { now, by: ports.newId(), error: "its time was over", forgetAt: now + remembered };
    await ports.graph.write((tx) => tx.run(expireUploads, params));
  };
  return {
    verify,
    close: async () => {
      stopped.abort();
      await Promise.all(running);
    },
    job: { name: "verify-uploads", everyMs, run },
  };
}
