import * as v from "valibot";
import { statement } from "../../ports/statement.ts";

/** The columns of a version that decide what it makes outdated; `ready` says whether its state is READY. */
export const versionSummaryRow = {
  id: v.string(),
  artifactKey: v.string(),
  number: v.number(),
  ready: v.boolean(),
  project: v.string(),
};
export type VersionSummary = v.InferOutput<v.ObjectSchema<typeof versionSummaryRow, undefined>>;

/** The summaries of versions by id; other ids are ignored. */
export const findVersionSummaries = statement({
  name: "find-version-summaries",
  params: { ids: v.array(v.string()) },
  row: versionSummaryRow,
});
