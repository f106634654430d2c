import mime from "mime";

/** The media type of a file by its extension; `application/octet-stream` for unknown ones. */
export function getContentType(path: string): string {
  return mime.getType(path) ?? "application/octet-stream";
}
