import type { Readable } from "node:stream";
import type { RequestContext } from "../core/context.ts";
import { invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateProjectName } from "../core/validation.ts";
import { findProjectStorage } from "../recording/storage-prefix.ts";
import { finishRecording } from "./keep-contents.ts";
import { validateFileSize } from "./quotas.ts";
import { recordInProjects } from "./record-contents.ts";
import { writeContent } from "./write-content.ts";

/** Bytes to be stored, with what the client declares about them. */
export interface IncomingBytes {
  project: string;
  source: Readable;
  /** The declared number of bytes. */
  size?: number | undefined;
  /** The required digest, `sha256:<hex>`. */
  digest?: string | undefined;
}

/** A stored content; `created` is false when the project had it already. */
export interface StoredBlob {
  digest: string;
  size: number;
  created: boolean;
}

/**
 * Streams bytes to the blob store under a new key and records them as a content of the project. Bytes that the project has already are removed again.
 * Throws `INVALID_INPUT` when the digest differs from the required one, and `TOO_LARGE` beyond the limit of a file or project.
 */
export async function storeBlob(
  context: RequestContext<"contentStore" | "lookups">,
  upload: IncomingBytes,
): Promise<StoredBlob> {
  const project = validateProjectName(upload.project, "project");
  authorize(context.actor, "blob:write", project);
  if (upload.size !== undefined) validateFileSize(context.ports, upload.size);
  const { projectExists, newKey } = await findProjectStorage(context, project);
  const content = await writeContent(context, newKey(), upload.source, upload.size);
  const { digest, size, key } = content;
  if (upload.digest && upload.digest !== digest) {
    await context.ports.blobs.remove(key);
    throw invalid("digest", `the bytes have digest ${digest}, not ${upload.digest}`);
  }
  // With a quota each content has a transaction to itself, because exceeding the quota fails the whole transaction.
  const hasQuota = context.ports.settings.projectBytes !== null;
  const written = { project, content, projectExists };
  const recording = hasQuota
    ? recordInProjects(context, [written], projectExists ? [] : [project])
    : context.services.contentStore.record(written);
  const newKeys = await finishRecording(context, project, [content], recording);
  return { digest, size, created: newKeys.has(key) };
}
