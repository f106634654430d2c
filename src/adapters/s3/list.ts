import type { StoredObject } from "../../ports/blob-store.ts";
import { type Bucket, read } from "./bucket.ts";

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
    for (const [, object = ""] of page.matchAll(/<Contents>(.*?)<\/Contents>/gs)) yield objectOf(object, bucket.prefix);
    token = unescaped(/<NextContinuationToken>([^<]+)</.exec(page)?.[1]);
  }
}

function objectOf(xml: string, prefix: string): StoredObject {
  const text = (name: string) => unescaped(new RegExp(`<${name}>([^<]*)<`).exec(xml)?.[1]) ?? "";
  return { key: text("Key").slice(prefix.length), at: Date.parse(text("LastModified")) };
}

const entities: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescaped(xml: string | undefined): string | undefined {
  return xml?.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d+)|#x([0-9a-f]+));/gi, (_whole, name, decimal, hex) =>
    name ? (entities[name] ?? "") : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  );
}
