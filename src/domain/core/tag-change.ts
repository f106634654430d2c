/** Tags that a thing gets and loses at a time; those that it loses are kept as past ones, with the time that they were there. */
export type TagChange = { at: number; addTags: string[]; removeTags: string[] };
