/** A file's path as part of an address. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** Where the bytes of a file of a version are, as a path on this service. */
export function getFileUrl(version: string, path: string): string {
  return `/versions/${version}/files/${encodePath(path)}`;
}
