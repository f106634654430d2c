import mime from "mime";

/** The media type of a file by the ending of its name. */
export const contentTypeOf = (path: string): string => mime.getType(path) ?? "application/octet-stream";
