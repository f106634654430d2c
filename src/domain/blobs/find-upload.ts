import { Upload } from "../../model/upload.ts";
import type { RequestContext } from "../core/context.ts";
import { authorizeEntity, loadEntities, loadUpload } from "../core/entities.ts";
import { authorize } from "../core/permissions.ts";

/** An upload by id, null if there is none. Throws `FORBIDDEN` unless the actor created it or may manage the uploads of others in its project. */
export async function findUpload({ ports, actor }: RequestContext, id: string): Promise<Upload | null> {
  const upload = (await loadEntities(ports, [id])).get(id);
  if (!(upload instanceof Upload)) return null;
  authorizeEntity(actor, upload);
  return upload;
}

/** An upload by id, to be continued. Throws `NOT_FOUND`, or `FORBIDDEN` unless the actor may see it and write to its project. */
export async function findWritableUpload({ ports, actor }: RequestContext, id: string): Promise<Upload> {
  const upload = await loadUpload(ports, id);
  authorizeEntity(actor, upload);
  authorize(actor, "blob:write", upload.projectName);
  return upload;
}
