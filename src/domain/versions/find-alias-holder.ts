import * as v from "valibot";
import { statement } from "../../ports/statement.ts";

/** Finds the version that a version name (`fixed`) or alias, by its key `<artifact key>:<name>`, points to. */
export const findAliasHolder = statement({
  name: "find-alias-holder",
  params: { key: v.string() },
  row: { fixed: v.boolean(), id: v.string(), number: v.number() },
});
