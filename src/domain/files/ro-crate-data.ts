import { groupBy } from "../../lib/group-by.ts";
import type { Version } from "../../model/version.ts";
import { getContentType } from "./content-types.ts";
import { encodePath, getFileUrl } from "./file-urls.ts";

/** A file of a version in a crate. */
export interface CrateFile {
  version: string;
  path: string;
  digest: string;
  size: number;
}

type Entity = Record<string, unknown> & { "@id": string };

function sha256Of(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

/** Bytes as the service serves them. */
function fileProperties({ version, path, digest, size }: CrateFile) {
  return {
    alternateName: path,
    contentSize: String(size),
    sha256: sha256Of(digest),
    encodingFormat: getContentType(path),
    contentUrl: getFileUrl(version, path),
  };
}

function partId(version: Version, path: string): string {
  return `${version.uri}/${encodePath(path)}`;
}

function described(version: Version, type: string): Entity {
  return {
    "@id": version.uri,
    "@type": type,
    name: `${version.artifactName}:${version.number}`,
    identifier: version.id,
    version: String(version.number),
    dateCreated: new Date(version.createdAt).toISOString(),
    ...(version.description && { description: version.description }),
  };
}

function sizeOf({ size }: Version) {
  return typeof size === "number" ? { contentSize: String(size) } : {};
}

/** A version as a file, a directory of files, a file elsewhere, or, with no content that is known, as a work. */
function entitiesOf(version: Version, files: CrateFile[]): Entity[] {
  const [only, ...others] = files.sort((a, b) => (a.path < b.path ? -1 : 1));
  const { location, digest } = version;
  if (only && !others.length) return [{ ...described(version, "File"), ...fileProperties(only) }];
  if (only) {
    const parts = files.map((file) => ({
      "@id": partId(version, file.path),
      "@type": "File",
      name: file.path,
      ...fileProperties(file),
    }));
    const hasPart = parts.map((part) => ({ "@id": part["@id"] }));
    return [{ ...described(version, "Dataset"), ...sizeOf(version), hasPart }, ...parts];
  }
  if (location)
    return [
      {
        ...described(version, "File"),
        ...sizeOf(version),
        contentUrl: location,
        ...(digest && { sha256: sha256Of(digest) }),
      },
    ];
  return [{ ...described(version, digest ? "Dataset" : "CreativeWork"), ...sizeOf(version) }];
}

/** The data entities of versions with those of their files. */
export function toVersionEntities(versions: Version[], files: CrateFile[]): Entity[] {
  const byVersion = groupBy(files, (file) => file.version);
  return versions.flatMap((version) => entitiesOf(version, byVersion.get(version.id) ?? []));
}
