import type { IdInput } from "../../model/node.ts";
import type { RequestContext } from "../core/context.ts";
import { loadUpload } from "../core/entities.ts";
import { checkOpen, resumeUpload } from "./uploads.ts";
import { dropUpload, endUpload } from "./verification.ts";

/** Drops an upload that isn't complete, with the parts that were sent. */
export async function abortUpload(context: RequestContext, { id }: IdInput): Promise<{ id: string }> {
  const upload = await resumeUpload(context, id);
  const ended = await endUpload(context.ports, upload, { by: null, state: "FAILED", error: "it was aborted" });
  if (!ended) checkOpen(await loadUpload(context.ports, id), "FAILED");
  await dropUpload(context.ports, upload);
  return { id };
}
