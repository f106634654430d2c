/** Percent-encodes the segments of a path for use in a URL. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}

/** The URL of a file of a version by the version's id, as a path on this service. */
export function getFileUrl(version: string, path: string): string {
  return `/versions/${version}/files/${encodePath(path)}`;
}
