import { createHash } from "node:crypto";
import { compareText } from "./compare-text.ts";
import { isRecord } from "./is-record.ts";

/** JSON with the keys of every object in code unit order and absent members omitted: equal values have equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => compareText(a, b))) : item,
  );
}

/** The SHA-256 of a value's canonical JSON, in hexadecimal. */
export function contentHash(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
