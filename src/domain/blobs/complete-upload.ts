import type { CompletedPartInput, CompleteUploadInput, Upload } from "../../model/upload.ts";
import { ifMissing, type StoredPart } from "../../ports/blob-store.ts";
import type { RequestContext } from "../core/context.ts";
import { loadUpload } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { findWritableUpload } from "./find-upload.ts";
import { getPartCount, getPartSize } from "./upload-parts.ts";
import { assertUploadOpen, claimUpload } from "./upload-state.ts";

/** How long `completeUpload` waits for the verification. */
const verificationTimeoutMs = 10_000;

/** Removes the quotes and the mark of a weak etag. */
function normalizeEtag(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}

/** Throws `INVALID_INPUT` unless the given parts are all parts of the upload, in order, and the blob store holds exactly these. */
function validateParts(upload: Upload, given: readonly CompletedPartInput[], stored: readonly StoredPart[]): void {
  const count = getPartCount(upload);
  const storedByNumber = new Map(stored.map((part) => [part.number, part]));
  if (given.length !== count) throw invalid("parts", `the upload has ${count} parts; ${given.length} were given`);
  given.forEach(({ number, etag }, i) => {
    const part = storedByNumber.get(i + 1);
    const size = getPartSize(upload, number);
    if (number !== i + 1)
      throw invalid(`parts.${i}.number`, `must be ${i + 1}, not ${number}; give every part once, in order`);
    if (!part) throw invalid(`parts.${i}`, `part ${number} has not been sent`);
    if (part.size !== size)
      throw invalid(`parts.${i}`, `part ${number} has ${part.size} bytes instead of ${size}; send it again`);
    if (part.etag !== normalizeEtag(etag))
      throw invalid(`parts.${i}.etag`, `part ${number} has the etag ${part.etag}, not ${etag}`);
  });
}

/**
 * Assembles the parts of an upload and starts its verification. Resolves when that is finished, or after 10 seconds with state VERIFYING. For an
 * upload that is VERIFYING or COMPLETE already it resolves with the current state. Throws `INVALID_INPUT` when the parts are not as sent, and
 * `ILLEGAL_TRANSITION` for a failed upload.
 */
export async function completeUpload(
  context: RequestContext<"uploadVerifier">,
  input: CompleteUploadInput,
): Promise<{ upload: Upload }> {
  const { ports, services } = context;
  const found = await findWritableUpload(context, input.id);
  const parts = found.state === "OPEN" ? await ports.blobs.parts.list(found).catch(ifMissing(null)) : null;
  // The parts are missing when another call has just completed the upload: then its new state counts.
  const upload = parts ? found : await loadUpload(ports, input.id);
  if (upload.state === "FAILED") assertUploadOpen(upload, "COMPLETE");
  if (upload.state === "OPEN") {
    validateParts(upload, input.parts, parts ?? []);
    const by = ports.newId();
    if (await claimUpload(ports, upload.id, by)) {
      await Promise.race([
        services.uploadVerifier.verify(upload, by),
        new Promise((resolve) => setTimeout(resolve, verificationTimeoutMs).unref()),
      ]);
    }
  }
  return { upload: await loadUpload(ports, upload.id) };
}
