import { BlobMissing, isBlobKey } from "../../ports/blob-store.ts";
import type { Ports, ServiceContext } from "../core/context.ts";
import { createDigester, type DigestAndSize } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { fillLocation } from "./placeholders.ts";
import { isDraft, type Recording } from "./plan.ts";
import { findProjectStorage } from "./storage-prefix.ts";
import type { VersionDraft } from "./version-draft.ts";

/** The blob key of a location in the service's own bucket. It must be below the project's prefix, so that no project reads another's objects. */
async function toOwnKey(
  context: ServiceContext<"lookups">,
  project: string,
  location: string,
  ownLocation: string,
  field: string,
): Promise<string> {
  const key = location.slice(ownLocation.length);
  const { prefix } = await findProjectStorage(context, project);
  if (!key.startsWith(prefix))
    throw invalid(field, `a location in the service's bucket must begin with ${ownLocation}${prefix}`);
  if (!isBlobKey(key)) {
    const allowed = 'segments of letters, digits, ".", "_" and "-", none of them "." or ".."';
    throw invalid(field, `the key "${key}" of a location in the service's bucket must be ${allowed}`);
  }
  return key;
}

/** Reads an object to its end to measure its size and digest; `NOT_FOUND` when it doesn't exist. */
async function measure(ports: Pick<Ports, "blobs">, key: string, field: string): Promise<DigestAndSize> {
  const digester = createDigester();
  try {
    // A stream of bytes without an encoding yields buffers; its type only says `any`.
    const chunks: AsyncIterable<Buffer> = await ports.blobs.read(key);
    for await (const chunk of chunks) digester.add(chunk);
  } catch (error) {
    if (error instanceof BlobMissing) throw notFound(`${field}: the service's bucket has no object ${key}`);
    throw error;
  }
  return digester.end();
}

async function validateManagedLocation(
  context: ServiceContext<"lookups">,
  draft: VersionDraft,
  runId: string | null,
  ownLocation: string,
): Promise<void> {
  const { location, size, digest } = draft.properties;
  if (!location?.startsWith(ownLocation)) return;
  const { field, project } = draft;
  const locationField = `${field}location`;
  const filled = fillLocation(location, project, runId, locationField);
  const key = await toOwnKey(context, project, filled, ownLocation, locationField);
  const found = await measure(context.ports, key, locationField);
  if (size !== null && size !== found.size)
    throw invalid(`${field}size`, `the object has ${found.size} bytes, not ${size}`);
  if (digest !== null && digest !== found.digest)
    throw invalid(`${field}digest`, `the object has digest ${found.digest}, not ${digest}`);
  Object.assign(draft.properties, found);
}

/**
 * Validates locations in the service's own bucket before anything is locked: the objects must exist and have the declared sizes and digests.
 * Sizes and digests that were not declared are filled in. Reads every object whole, so this takes as long as that does.
 */
export async function validateManagedLocations(
  context: ServiceContext<"lookups">,
  recording: Recording,
): Promise<void> {
  const { ownLocation } = context.ports.settings;
  if (!ownLocation) return;
  for (const { version } of recording.outputs) {
    if (isDraft(version))
      await validateManagedLocation(context, version, recording.run?.properties.id ?? null, ownLocation);
  }
}
