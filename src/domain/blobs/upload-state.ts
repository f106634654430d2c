import * as v from "valibot";
import { type Upload, UploadState } from "../../model/upload.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import { uploadRow } from "../core/upload-row.ts";

const claim = statement({
  name: "claim-upload",
  params: { id: v.string(), by: v.string(), now: v.number(), silentSince: v.number() },
  row: { upload: uploadRow },
});
const end = statement({
  name: "end-upload",
  params: {
    id: v.string(),
    by: nullable(v.string()),
    attempt: v.string(),
    state: v.enum(UploadState),
    digest: nullable(v.string()),
    error: nullable(v.string()),
    expiresAt: v.number(),
  },
  row: { upload: uploadRow },
});
const markDropped = statement({ name: "mark-upload-dropped", params: { id: v.string() }, row: {} });

/** A verifier without a heartbeat for this time has lost its claim. */
export const heartbeatTimeoutMs = 10_000;

/** An upload is forgotten this long after it ended. */
export const retentionMs = 7 * 86_400_000;

/** Throws `ILLEGAL_TRANSITION` unless the upload is open. `to` is the state that it would have changed to. */
export function assertUploadOpen(upload: Upload, to: UploadState): void {
  if (upload.state === "OPEN") return;
  const reason = upload.error ? ` (${upload.error})` : "";
  const message = `upload ${upload.id} is ${upload.state}${reason}, not OPEN; start a new one with createUpload`;
  throw new DomainError("ILLEGAL_TRANSITION", message, { from: upload.state, to });
}

/** Claims an upload for verification by `by`, a new id. False when it is neither open nor abandoned by another verifier. */
export async function claimUpload(
  { graph, now }: Pick<Ports, "graph" | "now">,
  id: string,
  by: string,
): Promise<boolean> {
  const at = now();
  const rows = await graph.write((tx) => tx.run(claim, { id, by, now: at, silentSince: at - heartbeatTimeoutMs }));
  return rows.length > 0;
}

/** The final state of an upload. */
export interface UploadEnd {
  /** The verifier that has claimed the upload; null when it must not be claimed. */
  by: string | null;
  state: "COMPLETE" | "FAILED";
  digest?: string;
  error?: string;
}

/** Ends an upload within a transaction; false when `by` has no claim to it. */
export async function endUploadIn(
  run: Transaction["run"],
  ports: Pick<Ports, "newId" | "now">,
  { id }: Upload,
  final: UploadEnd,
): Promise<boolean> {
  const { by, state, digest = null, error = null } = final;
  const params = { id, by, attempt: ports.newId(), state, digest, error, expiresAt: ports.now() + retentionMs };
  return (await run(end, params)).length > 0;
}

/** Ends an upload; false when `by` has no claim to it. */
export function endUpload(
  ports: Pick<Ports, "graph" | "newId" | "now">,
  upload: Upload,
  final: UploadEnd,
): Promise<boolean> {
  return ports.graph.write((tx) => endUploadIn(tx.run, ports, upload, final));
}

/** Removes the parts and the object of a failed upload from the blob store. */
export async function removeUploadBytes(
  { graph, blobs }: Pick<Ports, "blobs" | "graph">,
  upload: Upload,
): Promise<void> {
  await blobs.parts.abort(upload);
  await blobs.remove(upload.key);
  await graph.write((tx) => tx.run(markDropped, { id: upload.id }));
}
