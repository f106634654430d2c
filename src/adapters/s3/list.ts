import type { StoredObject } from "../../ports/blob-store.ts";
import { type Bucket, read } from "./bucket.ts";
import { elementsOf, textOf } from "./xml.ts";

/** All objects below the bucket's prefix, page by page. */
export async function* listObjects(bucket: Bucket): AsyncGenerator<StoredObject> {
  await bucket.ready();
  for (let token: string | undefined = ""; token !== undefined; ) {
    const query = {
      "list-type": "2",
      ...(bucket.prefix && { prefix: bucket.prefix }),
      ...(token && { "continuation-token": token }),
    };
    const page = await read(await bucket.call({ method: "GET", query }));
    for (const object of elementsOf(page, "Contents")) yield objectOf(object, bucket.prefix);
    token = textOf(page, "NextContinuationToken") || undefined;
  }
}

function objectOf(xml: string, prefix: string): StoredObject {
  const key = textOf(xml, "Key") ?? "";
  return { key: key.slice(prefix.length), at: Date.parse(textOf(xml, "LastModified") ?? "") };
}
