import type { Upload } from "../../model/upload.ts";
import type { RequestContext } from "../core/context.ts";
import { authorizeEntity, loadUpload } from "../core/entities.ts";
import { DomainError } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";

/** The same, null when there is none. */
export async function findUploadOrNull(context: RequestContext, id: string): Promise<Upload | null> {
  try {
    return await findUpload(context, id);
  } catch (error) {
    if (error instanceof DomainError && error.code === "NOT_FOUND") return null;
    throw error;
  }
}

/** An upload by its id, for whoever began it, and those who may look after the uploads of others in its project. */
export async function findUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await loadUpload(context.ports, id);
  authorizeEntity(context.actor, upload);
  return upload;
}

/** The same, to go on with it. */
export async function findWritableUpload(context: RequestContext, id: string): Promise<Upload> {
  const upload = await findUpload(context, id);
  authorize(context.actor, "blob:write", upload.projectName);
  return upload;
}
