import { compareText } from "../../lib/compare-text.ts";
import { groupBy } from "../../lib/group-by.ts";
import { isGiven } from "../../lib/is-given.ts";
import type { Version } from "../../model/version.ts";
import { getContentType } from "./content-types.ts";
import { encodePath, getFileUrl } from "./file-urls.ts";

/** A JSON-LD entity of an RO-Crate. */
export type CrateEntity = Record<string, unknown> & { "@id": string };

/** A file in an RO-Crate; `version` is the id of its version. */
export interface CrateFile {
  version: string;
  path: string;
  digest: string;
  size: number;
}

function toSha256(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

/** Properties of a file that the service serves. */
function toFileProperties({ version, path, digest, size }: CrateFile) {
  return {
    alternateName: path,
    contentSize: String(size),
    sha256: toSha256(digest),
    encodingFormat: getContentType(path),
    contentUrl: getFileUrl(version, path),
  };
}

function toVersionProperties(version: Version, type: string): CrateEntity {
  return {
    "@id": version.uri,
    "@type": type,
    name: `${version.artifactName}:${version.number}`,
    identifier: version.id,
    version: String(version.number),
    dateCreated: new Date(version.createdAt).toISOString(),
    ...(isGiven(version.description) && { description: version.description }),
  };
}

function toSizeProperty({ size }: Version) {
  return size === null ? {} : { contentSize: String(size) };
}

/** A version with several files: a Dataset, followed by its files. */
function toDatasetEntities(version: Version, files: CrateFile[]): CrateEntity[] {
  const parts = files.map((file) => ({
    "@id": `${version.uri}/${encodePath(file.path)}`,
    "@type": "File",
    name: file.path,
    ...toFileProperties(file),
  }));
  const hasPart = parts.map((part) => ({ "@id": part["@id"] }));
  return [{ ...toVersionProperties(version, "Dataset"), ...toSizeProperty(version), hasPart }, ...parts];
}

/** A version becomes a File, a Dataset with its files, a File at an external location or, when its content is unknown, a CreativeWork. */
function toEntities(version: Version, files: CrateFile[]): CrateEntity[] {
  const [first, ...others] = files.sort((a, b) => compareText(a.path, b.path));
  const { location, digest } = version;
  if (first && !others.length) return [{ ...toVersionProperties(version, "File"), ...toFileProperties(first) }];
  if (first) return toDatasetEntities(version, files);
  if (location) {
    return [
      {
        ...toVersionProperties(version, "File"),
        ...toSizeProperty(version),
        contentUrl: location,
        ...(digest && { sha256: toSha256(digest) }),
      },
    ];
  }
  return [{ ...toVersionProperties(version, digest ? "Dataset" : "CreativeWork"), ...toSizeProperty(version) }];
}

/** The data entities of versions and their files. */
export function toVersionEntities(versions: Version[], files: CrateFile[]): CrateEntity[] {
  const filesByVersion = groupBy(files, (file) => file.version);
  return versions.flatMap((version) => toEntities(version, filesByVersion.get(version.id) ?? []));
}
