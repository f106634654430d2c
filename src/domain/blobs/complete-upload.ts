import type { CompletedPartInput, CompleteUploadInput, Upload } from "../../model/upload.ts";
import { ifMissing, type StoredPart } from "../../ports/blob-store.ts";
import type { RequestContext } from "../core/context.ts";
import { loadUpload } from "../core/entities.ts";
import { invalid } from "../core/errors.ts";
import { findWritableUpload } from "./find-upload.ts";
import { getPartCount, getPartSize, normalizeEtag } from "./upload-parts.ts";
import { assertUploadOpen, claimUpload } from "./upload-state.ts";

/** Milliseconds that `completeUpload` waits for the whole to be read back. */
const patience = 10_000;

/** What was said to have been sent must be what is there: every part, once, in order. */
function checkParts(upload: Upload, given: readonly CompletedPartInput[], stored: readonly StoredPart[]): void {
  const count = getPartCount(upload);
  const there = new Map(stored.map((part) => [part.number, part]));
  if (given.length !== count) throw invalid("parts", `the upload has ${count} parts, and ${given.length} are named`);
  given.forEach(({ number, etag }, i) => {
    const part = there.get(i + 1);
    if (number !== i + 1) throw invalid(`parts.${i}.number`, `${i + 1} is due: each part once, in order`);
    if (!part) throw invalid(`parts.${i}`, `part ${number} has not been sent`);
    if (part.size !== getPartSize(upload, number))
      throw invalid(`parts.${i}`, `part ${number} has ${part.size} bytes instead of ${getPartSize(upload, number)}`);
    if (part.etag !== normalizeEtag(etag)) throw invalid(`parts.${i}.etag`, `part ${number} has the etag ${part.etag}`);
  });
}

/**
 * Makes one content of the parts and reads it back; answers when that is done, or after 10 seconds with VERIFYING. Again for an upload that
 * is on its way or COMPLETE it only tells how that stands.
 */
export async function completeUpload(
  context: RequestContext<"uploadVerifier">,
  input: CompleteUploadInput,
): Promise<{ upload: Upload }> {
  const asked = await findWritableUpload(context, input.id);
  const stored = asked.state === "OPEN" ? await context.ports.blobs.parts.list(asked).catch(ifMissing(null)) : null;
  // Its parts are gone as soon as another call has completed it.
  const upload = stored ? asked : await loadUpload(context.ports, input.id);
  if (upload.state === "FAILED") assertUploadOpen(upload, "COMPLETE");
  if (upload.state === "OPEN") {
    checkParts(upload, input.parts, stored ?? []);
    const by = context.ports.newId();
    if (await claimUpload(context.ports, upload.id, by)) {
      await Promise.race([
        context.services.uploadVerifier.verify(upload, by),
        new Promise((done) => setTimeout(done, patience).unref()),
      ]);
    }
  }
  return { upload: await loadUpload(context.ports, upload.id) };
}
