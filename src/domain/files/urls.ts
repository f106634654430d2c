/** A file's path as part of an address. */
export const encodedPath = (path: string): string => path.split("/").map(encodeURIComponent).join("/");

/** Where the bytes of a file of a version are, as a path on this service. */
export const fileUrl = (version: string, path: string): string => `/versions/${version}/files/${encodedPath(path)}`;
