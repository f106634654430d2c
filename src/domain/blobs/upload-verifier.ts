import * as v from "valibot";
import type { Job } from "../../lib/job.ts";
import type { Upload } from "../../model/upload.ts";
import { BlobMissing, ifMissing } from "../../ports/blob-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports, ServiceContext, UploadVerifier } from "../core/context.ts";
import { createDigester, type DigestAndSize } from "../core/digest.ts";
import { DomainError } from "../core/errors.ts";
import { toUpload, uploadRow } from "../core/upload-row.ts";
import { replaceLost } from "./lost-contents.ts";
import { recordContents } from "./record-contents.ts";
import {
  claimUpload,
  endUpload,
  endUploadIn,
  heartbeatTimeoutMs,
  removeUploadBytes,
  retentionMs,
} from "./upload-state.ts";

const touchUpload = statement({
  name: "touch-upload",
  params: { id: v.string(), by: v.string(), now: v.number() },
  row: { id: v.string() },
});
const expireUploads = statement({
  name: "expire-uploads",
  params: { now: v.number(), by: v.string(), error: v.string(), forgetAt: v.number() },
  row: {},
});
const findUnfinishedUploads = statement({
  name: "find-unfinished-uploads",
  params: { silentSince: v.number(), limit: v.number() },
  row: { upload: uploadRow },
});

/** A verifier renews its claim to an upload this often. */
const heartbeatIntervalMs = 2_000;

/** An upload that one verifier has claimed. */
interface Claim {
  upload: Upload;
  /** The id of the claim. */
  by: string;
}

async function fail(
  ports: Pick<Ports, "blobs" | "graph" | "newId" | "now">,
  { upload, by }: Claim,
  error: string,
): Promise<void> {
  if (await endUpload(ports, upload, { by, state: "FAILED", error })) await removeUploadBytes(ports, upload);
}

/** Reads an object to its end and computes its digest. Null when `renewClaim`, called regularly, resolves with false. */
async function digestObject(
  { blobs }: Pick<Ports, "blobs">,
  key: string,
  renewClaim: () => Promise<boolean>,
): Promise<DigestAndSize | null> {
  const digester = createDigester();
  const chunks: AsyncIterable<Buffer> = await blobs.read(key);
  let renewAt = performance.now() + heartbeatIntervalMs;
  for await (const chunk of chunks) {
    digester.add(chunk);
    if (performance.now() < renewAt) continue;
    if (!(await renewClaim())) return null;
    renewAt = performance.now() + heartbeatIntervalMs;
  }
  return digester.end();
}

/** Completes an upload and records its content. If the project has that content already, and intact, the uploaded object is removed. */
async function complete(
  context: ServiceContext<"contentStore">,
  { upload, by }: Claim,
  { digest, size }: DigestAndSize,
): Promise<void> {
  const { ports } = context;
  const { projectName: project, key } = upload;
  const isKept = await ports.graph.write(async (tx) => {
    if (!(await endUploadIn(tx.run, ports, upload, { by, state: "COMPLETE", digest }))) return true;
    return (await recordContents(context, tx.run, project, [{ digest, size, key }])).has(key);
  });
  if (isKept) return;
  const replaced = await replaceLost(ports, project, [{ digest, size, key }]);
  if (!replaced.has(key)) await ports.blobs.remove(key);
}

async function verifyClaimed(
  context: ServiceContext<"contentStore">,
  claim: Claim,
  signal: AbortSignal,
): Promise<void> {
  const { ports } = context;
  const { upload, by } = claim;
  const renewClaim = async (): Promise<boolean> => {
    if (signal.aborted) return false;
    const rows = await ports.graph.write((tx) => tx.run(touchUpload, { id: upload.id, by, now: ports.now() }));
    return rows.length > 0;
  };
  try {
    const { parts } = ports.blobs;
    // An upload that an earlier verifier has assembled already has no parts.
    await parts.complete(upload, await parts.list(upload).catch(ifMissing([])));
    const actual = await digestObject(ports, upload.key, renewClaim);
    if (!actual) return;
    if (actual.size !== upload.size)
      return await fail(ports, claim, `the file has ${actual.size} bytes, not ${upload.size}`);
    if (upload.digest && upload.digest !== actual.digest)
      return await fail(ports, claim, `the file has digest ${actual.digest}, not ${upload.digest}`);
    await complete(context, claim, actual);
  } catch (error) {
    if (error instanceof DomainError) await fail(ports, claim, error.message);
    else if (error instanceof BlobMissing) await fail(ports, claim, "its parts are missing from the blob store");
    else throw error;
  }
}

/** The verifier of a process, and the job that continues what other processes left unfinished. */
export interface UploadVerification extends UploadVerifier {
  job: Job;
  /** Stops verifying; resolves once nothing is running. */
  close(): Promise<void>;
}

const everyMs = 5_000;
/** Maximum number of unfinished uploads that one run of the job continues. */
const maxResumed = 10;

/** Creates the verifier of a process. `onError` receives failures that the job of some process will retry. */
export function createUploadVerifier(
  context: ServiceContext<"contentStore">,
  onError: (error: unknown) => void,
): UploadVerification {
  const { ports } = context;
  const stopped = new AbortController();
  const running = new Set<Promise<void>>();
  const verify = (upload: Upload, by: string): Promise<void> => {
    const done = verifyClaimed(context, { upload, by }, stopped.signal)
      .catch(onError)
      .finally(() => running.delete(done));
    running.add(done);
    return done;
  };
  const resume = async (upload: Upload): Promise<void> => {
    if (upload.state === "FAILED") return removeUploadBytes(ports, upload);
    const by = ports.newId();
    if (await claimUpload(ports, upload.id, by)) void verify(upload, by);
  };
  const run = async (signal: AbortSignal): Promise<void> => {
    const now = ports.now();
    const silentSince = now - heartbeatTimeoutMs;
    const unfinished = await ports.graph.read(findUnfinishedUploads, { silentSince, limit: maxResumed });
    for (const { upload } of unfinished) if (!signal.aborted) await resume(toUpload(upload));
    const error = "it was not completed before it expired";
    const params = { now, by: ports.newId(), error, forgetAt: now + retentionMs };
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
