import { statement, type Value } from "../../ports/statement.ts";
import type { ArtifactRow } from "../core/artifact-row.ts";
import type { TagChange } from "../core/tag-change.ts";

/** Changes a locked artifact. */
export const changeArtifact = statement<TagChange & { key: string; changes: Value }, { artifact: ArtifactRow }>(
  "update-artifact",
);
