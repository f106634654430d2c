import type { Upload } from "../../model/upload.ts";
import type { RequestContext } from "../core/context.ts";
import { authorizeEntity, loadUpload } from "../core/entities.ts";
import { DomainError } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";

/** How many parts an upload has, and the bytes of one. */
export function partCount({ size, partSize }: Upload): number {
  return Math.ceil(size / partSize);
}

export function sizeOfPart({ size, partSize }: Upload, number: number): number {
  return Math.min(partSize, size - (number - 1) * partSize);
}

/** An upload by its id, for whoever began it, and those who may look after the uploads of others in its project. */
export async function findUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await loadUpload(context.ports, id);
  authorizeEntity(context.actor, upload);
  return upload;
}

/** The same, to go on with it. */
export async function resumeUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await findUpload(context, id);
  authorize(context.actor, "blob:write", upload.projectName);
  return upload;
}

export function checkOpen(upload: Upload, to: string): void {
  if (upload.state === "OPEN") return;
  const why = upload.error ? `: ${upload.error}` : "";
  const message = `upload ${upload.id} is ${upload.state}${why}; begin another with createUpload`;
  throw new DomainError("ILLEGAL_TRANSITION", message, { from: upload.state, to });
}

export const nobody = { expected: null, actual: null };

export function plain(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
