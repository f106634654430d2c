import * as v from "valibot";
import { anyValue, statement } from "../../ports/statement.ts";
import { artifactRow } from "../core/artifact-row.ts";
import { tagChangeParams } from "../core/tag-change.ts";

/** Writes changed properties and tags of an artifact that is locked. */
export const writeArtifactChanges = statement({
  name: "update-artifact",
  params: { ...tagChangeParams, key: v.string(), changes: anyValue },
  row: { artifact: artifactRow },
});
