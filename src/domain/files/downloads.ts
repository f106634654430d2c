import type { Readable } from "node:stream";
import { maxEntryBytes } from "../../lib/content-cache.ts";
import type { Version } from "../../model/version.ts";
import { type ByteRange, isBlobKey, type LinkHeaders } from "../../ports/blob-store.ts";
import { findContent } from "../blobs/find-content.ts";
import { readRange, readVerified, readWhole } from "../blobs/verified-read.ts";
import type { RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { validateLocationTarget } from "../recording/locations.ts";
import { findVersion } from "../references/find-version.ts";
import { assertNotDeleted } from "./assert-not-deleted.ts";
import { getContentType } from "./content-types.ts";
import { findFile } from "./find-file.ts";
import { getModifiedAt } from "./modified-at.ts";

/** A file that the actor may read. */
export interface Download {
  path: string;
  digest: string;
  /** Bytes. */
  size: number;
  contentType: string;
  /** When the file last changed, in milliseconds since 1970; null for a name that may stand for another file at any time. */
  modifiedAt: number | null;
  /**
   * Opens the bytes. The whole file is verified: a small one before this resolves, a large one while it streams (`readVerified`). Of a range
   * only the length is.
   */
  read(range?: ByteRange): Promise<Readable | Buffer>;
  /** A URL at the blob store that is valid for 15 minutes; null when the blob store has no URLs. */
  link(headers: LinkHeaders): Promise<string | null>;
}

/** The public URL of bytes that are not in the blob store. */
export interface ExternalLocation {
  location: string;
}

const linkSeconds = 15 * 60;

function toDownload(
  context: ServiceContext<"contentStore">,
  file: StoredFile,
  contentType: string,
  modifiedAt: number | null,
): Download {
  return {
    path: file.path,
    digest: file.digest,
    size: file.size,
    contentType,
    modifiedAt,
    read: (range) => {
      if (range) return readRange(context, file, range);
      return file.size <= maxEntryBytes ? readWhole(context, file) : readVerified(context, file);
    },
    link: (headers) => context.ports.blobs.link(file.key, linkSeconds, headers),
  };
}

/** A content of a project by digest. Throws `NOT_FOUND` when the project has no such content. */
export async function downloadContent(
  context: RequestContext<"contentStore" | "lookups">,
  project: string,
  digest: string,
): Promise<Download> {
  return toDownload(context, await findContent(context, project, digest), "application/octet-stream", null);
}

/** The decoded last segment of a location: the name of the file that it points to. */
function getFileName(location: string): string {
  const name = (location.split(/[?#]/)[0] ?? "").split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The object of a location in the service's own bucket, whose digest and size were computed when the version was logged. */
function toManagedFile({ uri, digest, size }: Version, path: string, key: string): StoredFile {
  if (!isBlobKey(key)) throw invalid("ref", `the location of version ${uri} is not an object of the service's bucket`);
  if (digest === null || size === null) {
    const problem = `the bytes of version ${uri} were not read when it was logged, so they cannot be verified; log it again`;
    throw invalid("ref", problem);
  }
  return { path, digest, size, key };
}

function findAtLocation(
  context: ServiceContext<"contentStore">,
  version: Version,
  location: string,
  path: string,
  modifiedAt: number | null,
): Download | ExternalLocation {
  const { locationSchemes, ownLocation } = context.ports.settings;
  const name = getFileName(location);
  if (path !== name)
    throw notFound(`version ${version.uri} has no file "${path}"; its only file is "${name}" at ${location}`);
  if (ownLocation && location.startsWith(ownLocation)) {
    const file = toManagedFile(version, path, location.slice(ownLocation.length));
    return toDownload(context, file, getContentType(path), modifiedAt);
  }
  const scheme = location.slice(0, location.indexOf(":")).toLowerCase();
  const isPublic = (scheme === "http" || scheme === "https") && locationSchemes.includes(scheme);
  if (!isPublic) {
    const problem = `this service cannot serve the bytes of version ${version.uri}; read them from ${location}`;
    throw invalid("ref", problem);
  }
  validateLocationTarget(location, "ref");
  return { location };
}

/**
 * A file of a version by path. A version with a location has one file, named by the last segment of the location; it is served from the service's
 * own bucket or found at a public HTTP URL. Throws `INVALID_INPUT` for other locations and for schemes that the settings don't allow, `GONE`
 * for a version that has been deleted, and `NOT_FOUND` for an unknown version or file.
 */
export async function findDownload(
  context: RequestContext<"contentStore" | "lookups">,
  ref: string,
  path: string,
): Promise<Download | ExternalLocation> {
  validatePath(path, "path");
  const version = await findVersion(context, ref);
  assertNotDeleted(version);
  const modifiedAt = getModifiedAt(ref, version);
  if (version.location) return findAtLocation(context, version, version.location, path, modifiedAt);
  return toDownload(context, await findFile(context, version, path), getContentType(path), modifiedAt);
}
