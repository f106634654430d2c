import * as v from "valibot";

/** Parameters of a statement that adds and removes tags at a time. Removed tags are kept as past ones, with the times between which they applied. */
export const tagChangeParams = {
  at: v.number(),
  addTags: v.array(v.string()),
  removeTags: v.array(v.string()),
};

/** The tags that an entity gains and loses at a time (milliseconds since 1970). */
export type TagChange = { at: number; addTags: string[]; removeTags: string[] };
