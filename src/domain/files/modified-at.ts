import type { Version } from "../../model/version.ts";
import { parseReference } from "../references/parse-reference.ts";

/**
 * When the bytes that a reference stands for last changed, in milliseconds since 1970: when the version was logged, if the reference names it for good,
 * by id or number. Null for a name that may move to an older version, whose time would say that nothing changed.
 */
export function getModifiedAt(ref: string, version: Version): number | null {
  const reference = parseReference(ref, "ref");
  if (reference.form === "name") return /^\d+$/.test(reference.selector) ? version.createdAt : null;
  return reference.form === "digest" ? null : version.createdAt;
}
