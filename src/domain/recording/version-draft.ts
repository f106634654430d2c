import { isGiven } from "../../lib/is-given.ts";
import type { Kind } from "../../model/enums.ts";
import type { DatasetInput, FileInput, LabelInput, LinkInput, VersionFields } from "../../model/version.input.ts";
import type { Ports } from "../core/context.ts";
import { createDigester } from "../core/digest.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { toExactNumber } from "../core/exact-number.ts";
import { type IndexedLeaf, toLeaves, toPlainValue, validateMetadata } from "../core/metadata.ts";
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

/** A new version as its input describes it, validated. What only the graph knows (number, times, sizes of files) is added when it is recorded. */
export interface VersionDraft {
  id: string;
  /** The path of the input in error messages: empty, or ending in a dot. */
  field: string;
  /** The artifact's name with placeholders; null for the default name of a step's output. */
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

const maxPreviewRows = 20;
const maxPreviewColumns = 100;

function validateCount(count: number, noun: string, limit: number, field: string): void {
  if (count > limit)
    throw new DomainError("TOO_LARGE", `${field}: ${count} ${noun} exceed the limit of ${limit}`, { limit });
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** The digest of a directory: that of its manifest, lines of `path NUL digest LF` in the byte order of their UTF-8 paths. */
function manifestDigest(files: readonly { path: string; digest: string }[]): string {
  const digester = createDigester();
  for (const { path, digest } of [...files].sort((a, b) => compareBytes(a.path, b.path)))
    digester.add(Buffer.from(`${path}\0${digest}\n`));
  return digester.end().digest;
}

function validateFiles(ports: Pick<Ports, "settings">, files: FileInput[], field: string): FileInput[] {
  validateCount(files.length, "files", ports.settings.maxFiles, field);
  const paths = new Set<string>();
  files.forEach((file, i) => {
    validatePath(file.path, `${field}[${i}].path`);
    validateDigest(file.digest, `${field}[${i}].digest`);
    if (paths.has(file.path)) throw invalid(`${field}[${i}].path`, `duplicate path "${file.path}"`);
    paths.add(file.path);
  });
  files.forEach((file, i) => {
    const segments = file.path.split("/");
    const parent = segments
      .slice(1)
      .map((_, end) => segments.slice(0, end + 1).join("/"))
      .find((path) => paths.has(path));
    if (parent) throw invalid(`${field}[${i}].path`, `"${parent}" is also a file, so it can't be a directory`);
  });
  return files;
}

function validateAliases(input: VersionFields, field: string): string[] {
  const aliases = validateList(input.aliases, `${field}aliases`);
  for (const [i, alias] of aliases.entries()) validateSelectorName(alias, `${field}aliases[${i}]`);
  const names = isGiven(input.versionName) ? [...aliases, input.versionName] : aliases;
  const duplicate = names.find((name, i) => names.indexOf(name) !== i);
  if (duplicate) throw invalid(`${field}aliases`, `duplicate name "${duplicate}" among aliases and versionName`);
  return aliases;
}

function validateContentSource(ports: Pick<Ports, "settings">, input: VersionFields, field: string): string | null {
  const { location, files } = input;
  const external = { location, size: input.size, digest: input.digest, etag: input.etag };
  if (!isGiven(location)) {
    const stray = Object.entries(external).find(([, value]) => isGiven(value));
    if (stray)
      throw invalid(`${field}${stray[0]}`, "only allowed with a location; size and digest of files are computed");
    return null;
  }
  if (files?.length) throw invalid(`${field}location`, "give either files or a location, not both");
  validateText(location, `${field}location`, 2_048);
  validateLocation(location, ports.settings.locationSchemes, `${field}location`);
  if (isGiven(input.size) && input.size < 0)
    throw invalid(`${field}size`, `must be 0 or more bytes, not ${input.size}`);
  if (isGiven(input.digest)) validateDigest(input.digest, `${field}digest`);
  return location;
}

function validateDataset(dataset: DatasetInput | null | undefined, block: string): void {
  const rows = dataset?.rows ?? 0;
  if (rows < 0) throw invalid(`${block}.rows`, `must be 0 or more, not ${rows}`);
  const preview = dataset?.preview;
  const field = `${block}.preview`;
  if (!isGiven(preview)) return;
  if (!Array.isArray(preview)) throw invalid(field, "must be a list of rows");
  validateCount(preview.length, "rows", maxPreviewRows, field);
  const columns = Math.max(0, ...preview.map((row) => Object.keys(row ?? {}).length));
  validateCount(columns, "columns", maxPreviewColumns, field);
}

function getDefaultKind(input: VersionFields): Kind {
  if (input.dataset) return "DATASET";
  if (input.model) return "MODEL";
  if ((input.files?.length ?? 0) > 1) return "DIRECTORY";
  return input.location ? "LINK" : "ARTIFACT";
}

/** The digest of one file, or of the directory that several are; without files the declared one. */
function toDigest(files: FileInput[], declared: string | null | undefined): string | null {
  const [only] = files;
  if (!only) return declared ?? null;
  return files.length === 1 ? only.digest : manifestDigest(files);
}

/** A value to fill a placeholder with: of a tagged whole number its digits. */
function toSubstitution(value: unknown): unknown {
  return toExactNumber(value) ? toPlainValue(value) : value;
}

function toSubstitutions(value: unknown, field: string): Record<string, string> {
  const entries = Object.entries(validateObject(value, field)).map(
    ([key, item]) => [key, toSubstitution(item)] as const,
  );
  const nested = entries.find(([, item]) => item === null || typeof item === "object");
  if (nested) throw invalid(`${field}.${nested[0]}`, "must be a string, a number or a boolean");
  return Object.fromEntries(entries.map(([key, item]) => [key, String(item)]));
}

function toLinks(links: LinkInput[], field: string): VersionDraft["links"] {
  return links.map(({ rel, version }, i) => ({
    rel: validateShortText(rel, `${field}[${i}].rel`),
    reference: { text: version, field: `${field}[${i}].version` },
  }));
}

/**
 * Validates the input of a new version. `field` (empty, or ending in a dot) is its path in error messages. Names and locations may still have
 * placeholders.
 */
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
    substitutions: toSubstitutions(input.substitutions, `${field}substitutions`),
    project,
    kind: input.kind ?? null,
    defaultKind: getDefaultKind(input),
    versionName: isGiven(input.versionName) ? validateSelectorName(input.versionName, `${field}versionName`) : null,
    aliases: validateAliases(input, field),
    tags: validateTags(input.tags, `${field}tags`),
    labels: validateLabels(validateList(input.labels, `${field}labels`), `${field}labels`),
    leaves: toLeaves(metadata),
    files,
    links: toLinks(validateList(input.links, `${field}links`), `${field}links`),
    ifChanged: input.ifChanged ?? false,
    properties: {
      description: validateText(input.description, `${field}description`),
      metadata: JSON.stringify(metadata),
      location: validateContentSource(ports, input, field),
      size: input.size ?? null,
      digest: toDigest(files, input.digest),
      etag: validateText(input.etag, `${field}etag`, 1_024),
      attributes: toOptionalJson(input.attributes, `${field}attributes`),
      dataset: toOptionalJson(input.dataset, `${field}dataset`),
      model: toOptionalJson(input.model, `${field}model`),
      iteration: input.iteration ?? null,
    },
  };
}
