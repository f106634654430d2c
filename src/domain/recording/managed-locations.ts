import { BlobMissing, isBlobKey } from "../../ports/blob-store.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { createDigester, type DigestAndSize } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { fillLocation } from "./placeholders.ts";
import { isDraft, type Recording } from "./plan.ts";
import { findPlace } from "./storage-prefix.ts";
import type { VersionDraft } from "./version-draft.ts";

/** The key of a location in the service's own bucket: below the project's prefix, so that nobody looks at what others keep there. */
async function keyOf(
  context: ServiceContext<"lookups">,
  draft: VersionDraft,
  location: string,
  own: string,
): Promise<string> {
  const key = location.slice(own.length);
  const { prefix } = await findPlace(context, draft.project);
  const field = `${draft.field}location`;
  if (!key.startsWith(prefix))
    throw invalid(field, `in the service's own bucket a location begins with ${own}${prefix}`);
  if (!isBlobKey(key))
    throw invalid(field, "in the service's own bucket a key has segments of letters, digits, `.`, `_` and `-`");
  return key;
}

async function measure(ports: Pick<Ports, "blobs">, key: string, field: string): Promise<DigestAndSize> {
  const measuring = createDigester();
  try {
    for await (const chunk of (await ports.blobs.read(key)) as AsyncIterable<Buffer>) measuring.add(chunk);
  } catch (error) {
    if (error instanceof BlobMissing) throw notFound(`${field}: the service's bucket has no object ${key}`);
    throw error;
  }
  return measuring.end();
}

async function checkDraft(
  context: ServiceContext<"lookups">,
  draft: VersionDraft,
  runId: string | null,
  own: string,
): Promise<void> {
  const { location, size, digest } = draft.properties;
  if (!location?.startsWith(own)) return;
  const { field } = draft;
  const filled = fillLocation(location, draft.project, runId, `${field}location`);
  const found = await measure(context.ports, await keyOf(context, draft, filled, own), `${field}location`);
  if (size !== null && size !== found.size)
    throw invalid(`${field}size`, `the object has ${found.size} bytes, not ${size}`);
  if (digest !== null && digest !== found.digest)
    throw invalid(`${field}digest`, `the object has ${found.digest}, not ${digest}`);
  Object.assign(draft.properties, found);
}

/**
 * Looks at what lies in the service's own bucket, before anything is locked: it must be there, with the size and digest that were given;
 * those that weren't are filled in. Each object is read once, so this takes as long as that does.
 */
export async function validateManagedLocations(
  context: ServiceContext<"lookups">,
  recording: Recording,
): Promise<void> {
  const own = context.ports.settings.ownLocation;
  if (!own) return;
  for (const { made } of recording.outputs) {
    if (isDraft(made)) await checkDraft(context, made, recording.run?.properties.id ?? null, own);
  }
}
