import { isGiven } from "../../lib/is-given.ts";
import type { Version } from "../../model/version.ts";
import { DomainError } from "../core/errors.ts";

/** Throws `GONE` when a version or its bytes have been deleted. */
export function assertNotDeleted(version: Version): void {
  if (version.state !== "DELETED" && !isGiven(version.bytesDeletedAt)) return;
  throw new DomainError("GONE", `version ${version.uri} or its bytes have been deleted`, {});
}
