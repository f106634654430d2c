import type { Version } from "../../model/version.ts";
import { DomainError } from "../core/errors.ts";

/** Refuses versions whose bytes are gone. */
export function assertNotDeleted(version: Version): void {
  if (version.state !== "DELETED" && !version.bytesDeletedAt) return;
  throw new DomainError("GONE", `${version.uri}, or its bytes, were deleted`, {});
}
