import mime from "mime";

/** The media type of a file by the ending of its name. */
export function getContentType(path: string): string {
  return mime.getType(path) ?? "application/octet-stream";
}
