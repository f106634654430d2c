import * as v from "valibot";
import { Upload, UploadState } from "../../model/upload.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import type { FieldsOf } from "./row-values.ts";

/** The properties of an upload node. */
export const uploadRow = v.object({
  id: v.string(),
  project: v.string(),
  actor: v.string(),
  size: v.number(),
  partSize: v.number(),
  digest: nullable(v.string()),
  key: v.string(),
  writeId: v.string(),
  state: v.enum(UploadState),
  error: nullable(v.string()),
  expiresAt: v.number(),
});
export type UploadRow = v.InferOutput<typeof uploadRow> & { asOf?: AsOf };

/** Maps a row to an upload. */
export function toUpload(row: UploadRow): Upload {
  const { project: projectName, asOf = null, ...properties } = row;
  const fields: FieldsOf<Upload> = { ...properties, projectName, asOf };
  return Object.assign(new Upload(), fields);
}
