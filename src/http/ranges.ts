import type { IncomingHttpHeaders } from "node:http";
import { allowsRange } from "./conditions.ts";

/** Offsets of the first and the last byte. */
export interface Range {
  start: number;
  end: number;
}

const singleRange = /^bytes=(\d*)-(\d*)$/i;

/**
 * The range that a request asks for. Undefined for the whole content: without a range, with several or an invalid one, and when `If-Range` names other
 * bytes. Null when the range begins after the end.
 */
export function parseRange(headers: IncomingHttpHeaders, etag: string, size: number): Range | null | undefined {
  const [, first = "", last = ""] = singleRange.exec(headers.range?.replaceAll(/\s/g, "") ?? "") ?? [];
  if ((first === "" && last === "") || !allowsRange(headers, etag)) return undefined;
  if (first === "")
    return Number(last) > 0 && size > 0 ? { start: Math.max(0, size - Number(last)), end: size - 1 } : null;
  if (last !== "" && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) return null;
  return { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}
