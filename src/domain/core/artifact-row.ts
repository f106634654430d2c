import * as v from "valibot";
import { Artifact } from "../../model/artifact.ts";
import { Kind } from "../../model/enums.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import type { FieldsOf } from "./row-values.ts";

/** The properties of an artifact node. */
export const artifactRow = v.object({
  id: v.string(),
  key: v.string(),
  project: v.string(),
  name: v.string(),
  kind: v.enum(Kind),
  description: nullable(v.string()),
  createdAt: v.number(),
  updatedAt: v.number(),
});
export type ArtifactRow = v.InferOutput<typeof artifactRow> & { asOf?: AsOf };

/** Maps a row to an artifact. */
export function toArtifact(row: ArtifactRow): Artifact {
  const { id, key, project, name, kind, description, createdAt, updatedAt, asOf = null } = row;
  const fields: FieldsOf<Artifact> = {
    id,
    asOf,
    key,
    projectName: project,
    name,
    kind,
    description,
    createdAt,
    updatedAt,
  };
  return Object.assign(new Artifact(), fields);
}
