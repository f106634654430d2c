import type { Upload } from "../../model/upload.ts";
import type { RequestContext } from "../core/context.ts";
import { authorizeEntity, loadUpload } from "../core/entities.ts";
import { DomainError } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";

/** An upload by id. Throws `NOT_FOUND`, or `FORBIDDEN` unless the actor created it or may manage the uploads of others in its project. */
async function findUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await loadUpload(context.ports, id);
  authorizeEntity(context.actor, upload);
  return upload;
}

/** Like `findUpload`, but null for an upload that doesn't exist. */
export async function findUploadOrNull(context: RequestContext, id: string): Promise<Upload | null> {
  try {
    return await findUpload(context, id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** Like `findUpload`, but also throws `FORBIDDEN` unless the actor may write to its project. */
export async function findWritableUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await findUpload(context, id);
  authorize(context.actor, "blob:write", upload.projectName);
  return upload;
}
