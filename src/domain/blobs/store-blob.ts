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

/** What came in: bytes, and what their sender says of them. */
export interface IncomingBytes {
  project: string;
  source: Readable;
  /** Bytes to come, when the sender says so. */
  size?: number | undefined;
  /** `sha256:<hex>` that the bytes must have. */
  digest?: string | undefined;
}

/** A stored content: `created` is false when the project had it already. */
export interface StoredBlob {
  digest: string;
  size: number;
  created: boolean;
}

/**
 * Stores bytes under a key of their own while hashing them, then records the one blob of this project and content. Bytes that were there
 * already are dropped again, as are those whose digest isn't the one given (`INVALID_INPUT`).
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
    throw invalid("digest", `the bytes have ${digest}, not ${upload.digest}`);
  }
  // A quota that is reached refuses one, and must not refuse others with it.
  const isAlone = context.ports.settings.projectBytes !== null;
  const written = { project, content, isThere: projectExists };
  const recording = isAlone
    ? recordInProjects(context, [written], projectExists ? [] : [project])
    : context.services.contentStore.record(written);
  const used = await finishRecording(context, project, [content], recording);
  return { digest, size, created: used.has(key) };
}
