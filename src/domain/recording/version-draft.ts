import type { Kind } from "../../model/enums.ts";
import type { DatasetInput, FileInput, LabelInput, LinkInput, VersionFields } from "../../model/version.input.ts";
import type { Ports } from "../core/context.ts";
import { createDigester } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { type IndexedLeaf, toLeaves, validateMetadata } from "../core/metadata.ts";
import {
  toOptionalJson,
  validateDigest,
  validateLabels,
  validateList,
  validateObject,
  validatePath,
  validateSelectorName,
  validateShortText,
  validateTags,
  validateText,
} from "../core/validation.ts";
import type { ReferenceInput } from "../references/resolve-reference.ts";
import { validateLocation } from "./locations.ts";

/** A new version as described, checked; what only the graph knows (number, times, sizes) comes when it is recorded. */
export interface VersionDraft {
  id: string;
  field: string;
  /** The artifact's name with its placeholders; null for the default of an output of a step. */
  template: string | null;
  substitutions: Record<string, string>;
  project: string;
  kind: Kind | null;
  defaultKind: Kind;
  versionName: string | null;
  aliases: string[];
  tags: string[];
  labels: LabelInput[];
  leaves: IndexedLeaf[];
  files: FileInput[];
  links: { rel: string; reference: ReferenceInput }[];
  ifChanged: boolean;
  properties: {
    description: string | null;
    metadata: string;
    size: number | null;
    digest: string | null;
    location: string | null;
    etag: string | null;
    attributes: string | null;
    dataset: string | null;
    model: string | null;
    iteration: number | null;
  };
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The digest of several files together: that of the manifest, lines `path NUL digest LF` sorted bytewise by UTF-8 path. */
function manifestDigest(files: readonly { path: string; digest: string }[]): string {
  const measuring = createDigester();
  for (const { path, digest } of [...files].sort((a, b) => byBytes(a.path, b.path)))
    measuring.add(Buffer.from(`${path}\0${digest}\n`));
  return measuring.end().digest;
}

function validateFiles(ports: Pick<Ports, "settings">, files: FileInput[], field: string): FileInput[] {
  const limit = ports.settings.maxFiles;
  if (files.length > limit) throw new DomainError("TOO_LARGE", `${field}: at most ${limit} files a version`, { limit });
  const paths = new Set<string>();
  files.forEach((file, i) => {
    validatePath(file.path, `${field}[${i}].path`);
    validateDigest(file.digest, `${field}[${i}].digest`);
    if (paths.has(file.path)) throw invalid(`${field}[${i}].path`, `"${file.path}" stands twice`);
    paths.add(file.path);
  });
  files.forEach((file, i) => {
    const segments = file.path.split("/");
    const parent = segments
      .slice(1)
      .map((_, end) => segments.slice(0, end + 1).join("/"))
      .find((path) => paths.has(path));
    if (parent) throw invalid(`${field}[${i}].path`, `"${parent}" is a file and can't be a directory too`);
  });
  return files;
}

function validateAliases(input: VersionFields, field: string): string[] {
  const aliases = validateList(input.aliases, `${field}aliases`);
  for (const [i, alias] of aliases.entries()) validateSelectorName(alias, `${field}aliases[${i}]`);
  const names = input.versionName ? [...aliases, input.versionName] : aliases;
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw invalid(`${field}aliases`, `"${twice}" stands twice among aliases and version name`);
  return aliases;
}

function validateContentSource(ports: Pick<Ports, "settings">, input: VersionFields, field: string): string | null {
  const { location, files } = input;
  const external = { location, size: input.size, digest: input.digest, etag: input.etag };
  if (location === null || location === undefined) {
    const stray = Object.entries(external).find(([, value]) => value !== null && value !== undefined);
    if (stray) throw invalid(`${field}${stray[0]}`, "belongs to a location; of files it is known");
    return null;
  }
  if (files?.length) throw invalid(`${field}location`, "a version has files or a location, not both");
  validateText(location, `${field}location`, 2_048);
  validateLocation(location, ports.settings.locationSchemes, `${field}location`);
  if (input.size && input.size < 0) throw invalid(`${field}size`, "bytes are never fewer than 0");
  if (typeof input.digest === "string") validateDigest(input.digest, `${field}digest`);
  return location;
}

function validateDataset(dataset: DatasetInput | null | undefined, block: string): void {
  if ((dataset?.rows ?? 0) < 0) throw invalid(`${block}.rows`, "rows are never fewer than 0");
  const preview = dataset?.preview;
  const field = `${block}.preview`;
  if (preview === null || preview === undefined) return;
  if (!Array.isArray(preview)) throw invalid(field, "a list of rows is wanted");
  if (preview.length > 20) throw new DomainError("TOO_LARGE", `${field}: at most 20 rows`, { limit: 20 });
  const widest = Math.max(0, ...preview.map((row) => Object.keys(row ?? {}).length));
  if (widest > 100) throw new DomainError("TOO_LARGE", `${field}: at most 100 columns`, { limit: 100 });
}

function defaultKind(input: VersionFields): Kind {
  if (input.dataset) return "DATASET";
  if (input.model) return "MODEL";
  if ((input.files?.length ?? 0) > 1) return "DIRECTORY";
  return input.location ? "LINK" : "ARTIFACT";
}

function digestOf(files: FileInput[], declared: string | null | undefined): string | null {
  const [only] = files;
  if (!only) return declared ?? null;
  return files.length === 1 ? only.digest : manifestDigest(files);
}

function substitutionsOf(value: unknown, field: string): Record<string, string> {
  const entries = Object.entries(validateObject(value, field));
  const nested = entries.find(([, item]) => item === null || typeof item === "object");
  if (nested) throw invalid(`${field}.${nested[0]}`, "a text or a number is wanted");
  return Object.fromEntries(entries.map(([key, item]) => [key, String(item)]));
}

function linksOf(links: LinkInput[], field: string): VersionDraft["links"] {
  return links.map(({ rel, version }, i) => ({
    rel: validateShortText(rel, `${field}[${i}].rel`),
    reference: { text: version, field: `${field}[${i}].version` },
  }));
}

/** Checks the description of a new version; `field` (empty, or ending in a dot) begins the names of fields in refusals. */
export function draftVersion(
  ports: Pick<Ports, "newId" | "settings">,
  input: VersionFields & { kind?: Kind | null; name?: string | null },
  project: string,
  field: string,
): VersionDraft {
  const files = validateFiles(ports, input.files ?? [], `${field}files`);
  const metadata = validateMetadata(input.metadata, `${field}metadata`);
  validateDataset(input.dataset, `${field}dataset`);
  return {
    id: ports.newId(),
    field,
    template: input.name ?? null,
    substitutions: substitutionsOf(input.substitutions, `${field}substitutions`),
    project,
    kind: input.kind ?? null,
    defaultKind: defaultKind(input),
    versionName:
      typeof input.versionName === "string" ? validateSelectorName(input.versionName, `${field}versionName`) : null,
    aliases: validateAliases(input, field),
    tags: validateTags(input.tags, `${field}tags`),
    labels: validateLabels(validateList(input.labels, `${field}labels`), `${field}labels`),
    leaves: toLeaves(metadata),
    files,
    links: linksOf(validateList(input.links, `${field}links`), `${field}links`),
    ifChanged: input.ifChanged ?? false,
    properties: {
      description: validateText(input.description, `${field}description`),
      metadata: JSON.stringify(metadata),
      location: validateContentSource(ports, input, field),
      size: input.size ?? null,
      digest: digestOf(files, input.digest),
      etag: validateText(input.etag, `${field}etag`, 1_024),
      attributes: toOptionalJson(input.attributes, `${field}attributes`),
      dataset: toOptionalJson(input.dataset, `${field}dataset`),
      model: toOptionalJson(input.model, `${field}model`),
      iteration: input.iteration ?? null,
    },
  };
}
