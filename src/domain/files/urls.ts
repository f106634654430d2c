/** A file's path as part of an address. */
export function encodedPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Where the bytes of a file of a version are, as a path on this service. */
export function fileUrl(version: string, path: string): string {
  return `/versions/${version}/files/${encodedPath(path)}`;
}
