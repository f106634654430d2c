import type { Upload } from "../../model/upload.ts";

/** How many parts an upload has, and the bytes of one. */
export function getPartCount({ size, partSize }: Upload): number {
  return Math.ceil(size / partSize);
}

export function getPartSize({ size, partSize }: Upload, number: number): number {
  return Math.min(partSize, size - (number - 1) * partSize);
}

export const nobody = { expected: null, actual: null };

export function normalizeEtag(etag: string): string {
  return etag.replace(/^W\//, "").replaceAll('"', "");
}
