import type { Upload } from "../../model/upload.ts";

/** The number of parts of an upload. */
export function getPartCount({ size, partSize }: Upload): number {
  return Math.ceil(size / partSize);
}

/** The bytes of a part of an upload, by its number from 1; the last part may be smaller than the others. */
export function getPartSize({ size, partSize }: Upload, number: number): number {
  return Math.min(partSize, size - (number - 1) * partSize);
}
