import type { IdInput } from "../../model/node.ts";
import type { RequestContext } from "../core/context.ts";
import { loadUpload } from "../core/entities.ts";
import { findWritableUpload } from "./find-upload.ts";
import { assertUploadOpen, endUpload, removeUploadBytes } from "./upload-state.ts";

/** Ends an open upload and removes the parts that were sent. Throws `ILLEGAL_TRANSITION` when it is being verified or complete. */
export async function abortUpload(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const upload = await findWritableUpload(context, id);
  const ended = await endUpload(context.ports, upload, { by: null, state: "FAILED", error: "it was aborted" });
  if (!ended) assertUploadOpen(await loadUpload(context.ports, id), "FAILED");
  await removeUploadBytes(context.ports, upload);
  return { id };
}
