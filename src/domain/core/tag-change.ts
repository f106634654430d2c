import * as v from "valibot";

/** The parameters of a statement that adds and removes tags at a time (milliseconds since 1970). A removed tag is kept as a past one, with its start and end. */
export const tagChangeParams = {
  at: v.number(),
  addTags: v.array(v.string()),
  removeTags: v.array(v.string()),
};
