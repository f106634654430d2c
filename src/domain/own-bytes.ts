import { createHash } from "node:crypto";
import { assertBlobKey, BlobMissing } from "../ports/blob-store.ts";
import type { Deps } from "./deps.ts";
import { invalid, notFound } from "./errors.ts";
import type { Named } from "./placing.ts";

const keyOf = (location: string, own: string, field: string): string => {
  const key = location.slice(own.length);
  try {
    assertBlobKey(key);
    return key;
  } catch {
    throw invalid(field, "in the service's own bucket a key has segments of letters, digits, `.`, `_` and `-`");
  }
};

const measure = async (deps: Deps, key: string, field: string): Promise<{ size: number; digest: string }> => {
  const hash = createHash("sha256");
  let size = 0;
  try {
    for await (const chunk of (await deps.blobs.read(key)) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
    }
  } catch (error) {
    if (error instanceof BlobMissing) throw notFound(`${field}: the object ${key} of the service's own bucket`);
    throw error;
  }
  return { size, digest: `sha256:${hash.digest("hex")}` };
};

/**
 * Looks at what lies in the service's own bucket: it must be there, with the size and digest that were given; those that weren't are filled
 * in. The object is read once, so this takes as long as that does.
 */
export const checkOwnBytes = async (deps: Deps, named: Named[]): Promise<Named[]> => {
  const own = deps.settings.ownLocation;
  return Promise.all(
    named.map(async (item) => {
      if (!own || !item.location?.startsWith(own)) return item;
      const { field } = item.draft;
      const found = await measure(deps, keyOf(item.location, own, `${field}location`), `${field}location`);
      const { size, digest } = item;
      if (size !== null && size !== found.size)
        throw invalid(`${field}size`, `the object has ${found.size} bytes, not ${size}`);
      if (digest !== null && digest !== found.digest)
        throw invalid(`${field}digest`, `the object has ${found.digest}, not ${digest}`);
      return { ...item, ...found };
    }),
  );
};
