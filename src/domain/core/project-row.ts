import * as v from "valibot";
import { Project } from "../../model/project.ts";
import { nullable } from "../../ports/statement.ts";
import type { AsOf } from "./as-of.ts";
import type { FieldsOf } from "./row-values.ts";

/** The properties of a project node. */
export const projectRow = v.object({
  id: v.string(),
  name: v.string(),
  description: nullable(v.string()),
  createdAt: v.number(),
  storagePrefix: nullable(v.string()),
  staleAfterSeconds: nullable(v.number()),
});
export type ProjectRow = v.InferOutput<typeof projectRow> & { asOf?: AsOf };

/** Maps a row to a project. */
export function toProject(row: ProjectRow): Project {
  const { id, name, description, createdAt, storagePrefix, staleAfterSeconds, asOf = null } = row;
  const settings = { storagePrefix, staleAfterSeconds };
  const fields: FieldsOf<Project> = { id, asOf, name, description, createdAt, settings };
  return Object.assign(new Project(), fields);
}
