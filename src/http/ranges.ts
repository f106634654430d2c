import type { IncomingHttpHeaders } from "node:http";

/** Whether the client has these bytes already (`If-None-Match`). */
export function isNotModified(headers: IncomingHttpHeaders, etag: string): boolean {
  const known = headers["if-none-match"];
  if (known === undefined) return false;
  return known.trim() === "*" || known.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

const single = /^bytes=(\d*)-(\d*)$/i;

/**
 * The bytes asked for by `Range`, both ends included; undefined for all of them: no range, several, one that is no range at all, or one for other bytes
 * than these (`If-Range`). Null when it begins beyond the end.
 */
export function parseRange(
  headers: IncomingHttpHeaders,
  etag: string,
  size: number,
): { start: number; end: number } | null | undefined {
  const [, first = "", last = ""] = single.exec(headers.range?.replaceAll(/\s/g, "") ?? "") ?? [];
  const condition = headers["if-range"];
  if ((first === "" && last === "") || (condition !== undefined && condition !== etag)) return undefined;
  if (first === "")
    return Number(last) > 0 && size > 0 ? { start: Math.max(0, size - Number(last)), end: size - 1 } : null;
  if (last !== "" && Number(last) < Number(first)) return undefined;
  if (Number(first) >= size) return null;
  return { start: Number(first), end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}
