import type { Upload } from "../../model/upload.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { statement } from "../../ports/statement.ts";
import type { Ports } from "../core/context.ts";
import { DomainError } from "../core/errors.ts";
import type { UploadRow } from "../core/upload-row.ts";

type Row = { upload: UploadRow };

export function assertUploadOpen(upload: Upload, to: string): void {
  if (upload.state === "OPEN") return;
  const why = upload.error ? `: ${upload.error}` : "";
  const message = `upload ${upload.id} is ${upload.state}${why}; begin another with createUpload`;
  throw new DomainError("ILLEGAL_TRANSITION", message, { from: upload.state, to });
}

const beginVerifying = statement<{ id: string; by: string; now: number; silent: number }, Row>("claim-upload");

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

const markDropped = statement<{ id: string }, never>("mark-upload-dropped");

export const heartbeatTimeoutMs = 10_000;

/** Milliseconds until an ended upload is forgotten. */
export const remembered = 7 * 86_400_000;

/** Whether the upload is now `by`'s to read back. */
export async function claimUpload(
  { graph, now }: Pick<Ports, "graph" | "now">,
  id: string,
  by: string,
): Promise<boolean> {
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

export async function end(
  ports: Pick<Ports, "newId" | "now">,
  run: Transaction["run"],
  { id }: Upload,
  how: End,
): Promise<boolean> {
  const { by, state, digest = null, error = null } = how;
  const params = { id, by, attempt: ports.newId(), state, digest, error, expiresAt: ports.now() + remembered };
  return (await run(endRow, params)).length > 0;
}

/** Ends an upload; false when it isn't `by`'s to end. */
export function endUpload(ports: Pick<Ports, "graph" | "newId" | "now">, upload: Upload, how: End): Promise<boolean> {
  return ports.graph.write((tx) => end(ports, tx.run, upload, how));
}

/** Removes what a failed upload left in the store. */
export async function removeUploadBytes(
  { graph, blobs }: Pick<Ports, "blobs" | "graph">,
  upload: Upload,
): Promise<void> {
  await blobs.parts.abort(upload);
  await blobs.remove(upload.key);
  await graph.write((tx) => tx.run(markDropped, { id: upload.id }));
}
