import type { Readable } from "node:stream";
import { maxEntryBytes } from "../../lib/content-cache.ts";
import type { Version } from "../../model/version.ts";
import { type ByteRange, isBlobKey, type LinkHeaders } from "../../ports/blob-store.ts";
import { findContent } from "../blobs/find-content.ts";
import { openContent, readVerified, readWhole } from "../blobs/verified-read.ts";
import type { RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { validateLocationTarget } from "../recording/locations.ts";
import { findVersion } from "../references/find-version.ts";
import { assertNotDeleted } from "./assert-not-deleted.ts";
import { getContentType } from "./content-types.ts";
import { findFile } from "./find-file.ts";

/** Bytes that may be read: what they are, and how to get at them. */
export interface Download {
  path: string;
  digest: string;
  /** Bytes. */
  size: number;
  contentType: string;
  /** Opens them; whole they are checked, as they stream (`readVerified`) or, when they are small, before anybody sees them; a range of them is not. */
  read(range?: ByteRange): Promise<Readable | Buffer>;
  /** An address at the store itself, good for a quarter of an hour; null when the store has none. */
  link(headers: LinkHeaders): Promise<string | null>;
}

/** Bytes that stay elsewhere, at a public address. */
export interface ExternalLocation {
  location: string;
}

/** How long a link to the store is good for, in seconds. */
const linkSeconds = 900;

function downloadOf(context: ServiceContext<"contentStore">, file: StoredFile, contentType: string): Download {
  return {
    path: file.path,
    digest: file.digest,
    size: file.size,
    contentType,
    read: (range) => {
      if (range) return openContent(context, file, range);
      return file.size <= maxEntryBytes ? readWhole(context, file) : readVerified(context, file);
    },
    link: (headers) => context.ports.blobs.link(file.key, linkSeconds, headers),
  };
}

/** A content of a project by its digest; `NOT_FOUND` when the project hasn't it. */
export async function downloadContent(
  context: RequestContext<"contentStore" | "lookups">,
  project: string,
  digest: string,
): Promise<Download> {
  return downloadOf(context, await findContent(context, project, digest), "application/octet-stream");
}

/** The last segment of a location, decoded: the name of the one file that it leads to. */
function nameOf(location: string): string {
  const name = (location.split(/[?#]/)[0] ?? "").split("/").at(-1) ?? "";
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The object of a location in the service's own bucket, which was looked at when it was logged. */
function ownFile({ uri, digest, size }: Version, path: string, key: string): StoredFile {
  if (!isBlobKey(key)) throw invalid("ref", `${uri} names no object in the service's bucket`);
  if (digest === null || size === null) throw invalid("ref", `${uri} was logged without its bytes being looked at`);
  return { path, digest, size, key };
}

function findExternal(
  context: ServiceContext<"contentStore">,
  version: Version,
  location: string,
  path: string,
): Download | ExternalLocation {
  const { locationSchemes, ownLocation } = context.ports.settings;
  const name = nameOf(location);
  if (path !== name) throw notFound(`${version.uri} has no file "${path}"; its only file is "${name}" at ${location}`);
  const scheme = location.slice(0, location.indexOf(":")).toLowerCase();
  if (ownLocation && location.startsWith(ownLocation)) {
    return downloadOf(context, ownFile(version, path, location.slice(ownLocation.length)), getContentType(path));
  }
  const open = (scheme === "http" || scheme === "https") && locationSchemes.includes(scheme);
  if (!open) throw invalid("ref", `the bytes of ${version.uri} stay at ${location}: read them there`);
  validateLocationTarget(location, "ref");
  return { location };
}

/**
 * A file of a version by its path. Of a version whose bytes stay elsewhere the one file has the last segment of the location as its path:
 * it is read from the service's own bucket, or found at a public http address; for other places, or where the settings don't allow it, that is
 * `INVALID_INPUT`. `GONE` when the version was deleted, `NOT_FOUND` when it has no such file.
 */
export async function findDownload(
  context: RequestContext<"contentStore" | "lookups">,
  ref: string,
  path: string,
): Promise<Download | ExternalLocation> {
  validatePath(path, "path");
  const version = await findVersion(context, ref);
  assertNotDeleted(version);
  if (version.location) return findExternal(context, version, version.location, path);
  return downloadOf(context, await findFile(context, version, path), getContentType(path));
}
