import * as v from "valibot";

/** Parameters of a statement that adds and removes tags at a time. Removed tags are kept as past ones, with the times between which they applied. */
export const tagChangeParams = {
  at: v.number(),
  addTags: v.array(v.string()),
  removeTags: v.array(v.string()),
};

/** Tags that a thing gets and loses at a time; those that it loses are kept as past ones, with the time that they were there. */
export type TagChange = { at: number; addTags: string[]; removeTags: string[] };
