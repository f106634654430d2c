import type { StoredObject } from "../../ports/blob-store.ts";
import { type Bucket, readText } from "./bucket.ts";
import { findElements, findText } from "./xml.ts";

/** All objects below the bucket's prefix, page by page. */
export async function* listObjects(bucket: Bucket): AsyncGenerator<StoredObject> {
  await bucket.ready();
  for (let token: string | undefined = ""; token !== undefined; ) {
    const query = {
      "list-type": "2",
      ...(bucket.prefix && { prefix: bucket.prefix }),
      ...(token && { "continuation-token": token }),
    };
    const page = await readText(await bucket.call({ method: "GET", query }));
    for (const object of findElements(page, "Contents")) yield toStoredObject(object, bucket.prefix);
    token = findText(page, "NextContinuationToken") || undefined;
  }
}

function toStoredObject(xml: string, prefix: string): StoredObject {
  const key = findText(xml, "Key") ?? "";
  return { key: key.slice(prefix.length), at: Date.parse(findText(xml, "LastModified") ?? "") };
}
