import * as v from "valibot";
import { canonicalJson, contentHash } from "../../lib/canonical-json.ts";
import { isRecord } from "../../lib/is-record.ts";
import { quote } from "../../lib/quote.ts";
import { isWholeNumber } from "../../lib/whole-numbers.ts";
import type { MetadataEntry } from "../../model/version.ts";
import { invalid } from "./errors.ts";
import { noRest, toExactNumber } from "./exact-number.ts";
import { validateObject } from "./validation.ts";

const tags = ["URI", "PATH", "DTYPE", "STORAGE_SIZE", "DATETIME", "FLOAT", "INTEGER"] as const;
type Tag = (typeof tags)[number];
const specialNumbers = ["NaN", "Infinity", "-Infinity"];

interface Leaf {
  type: string;
  value: unknown;
}

function isTag(value: unknown): value is Tag {
  return tags.some((tag) => tag === value);
}

function isSpecialNumber(value: unknown): value is string {
  return typeof value === "string" && specialNumbers.includes(value);
}

function hasType(tag: Tag, value: unknown): boolean {
  if (tag === "STORAGE_SIZE") return Number.isSafeInteger(value) && Number(value) >= 0;
  if (tag === "FLOAT") return typeof value === "number" || isSpecialNumber(value);
  if (tag === "INTEGER") return typeof value === "string" && isWholeNumber(value);
  if (tag === "DATETIME") return typeof value === "string" && !Number.isNaN(Date.parse(value));
  return typeof value === "string";
}

/** The leaf of a tagged value, `{"$type": "DATETIME", "value": "2024-05-01"}`; null for an object without a tag. */
function toTaggedLeaf(object: Record<string, unknown>, field: string): Leaf | null {
  if (!("$type" in object)) return null;
  const { $type: type, value, ...others } = object;
  const [other] = Object.keys(others);
  if (other !== undefined) throw invalid(field, `a tagged value has only "$type" and "value", not ${quote(other)}`);
  if (!isTag(type)) throw invalid(field, `"$type" must be one of ${tags.join(", ")}, not ${quote(type)}`);
  if (!hasType(type, value)) throw invalid(field, `${quote(value)} is not a valid ${type}`);
  return { type, value };
}

/** The leaf that a value is; null for an object that holds further leaves. */
function toLeaf(value: unknown, field: string): Leaf | null {
  if (typeof value === "string") return { type: "STRING", value };
  if (typeof value === "boolean") return { type: "BOOLEAN", value };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "INTEGER" : "FLOAT", value };
  if (Array.isArray(value)) return { type: "LIST", value };
  if (!isRecord(value)) return { type: "NULL", value: null };
  if (Object.keys(value).length === 0) return { type: "OBJECT", value };
  return toTaggedLeaf(value, field);
}

/** One segment of a dotted key: a backslash precedes each dot and backslash that belongs to the segment. */
export function escapeKey(key: string): string {
  return key.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
}

/** The segments of a dotted key, unescaped: the reverse of `escapeKey`. */
export function splitKey(key: string): string[] {
  return [...key.matchAll(/(?:^|\.)((?:[^.\\]|\\.)*)/gs)].map(([, segment = ""]) => segment.replace(/\\(.)/gs, "$1"));
}

/** Whether a value is tagged with its type. */
function isTaggedValue(value: unknown): value is { $type: unknown; value: unknown } {
  return isRecord(value) && "$type" in value && "value" in value;
}

/** A value without its tag: the number or text in it. */
export function toPlainValue(value: unknown): unknown {
  return isTaggedValue(value) ? value.value : value;
}

/** Whether a value is the tagged number NaN, which compares with nothing. */
export function isNotANumber(value: unknown): boolean {
  return isTaggedValue(value) && value.$type === "FLOAT" && value.value === "NaN";
}

/** The value that metadata has at a dotted key; undefined if it has none. */
export function getMetadataValue(metadata: Record<string, unknown>, key: string): unknown {
  let value: unknown = metadata;
  for (const segment of splitKey(key)) {
    if (!isRecord(value) || "$type" in value || !Object.hasOwn(value, segment)) return undefined;
    value = value[segment];
  }
  return value;
}

/** The leaves of metadata, sorted by dotted key; lists and empty objects are leaves. A malformed tagged value is `INVALID_INPUT`. */
export function toEntries(metadata: Record<string, unknown>, field = "metadata"): MetadataEntry[] {
  const entries: MetadataEntry[] = [];
  const addLeaves = (value: unknown, key: string): void => {
    const leaf = toLeaf(value, `${field}.${key}`);
    if (leaf) entries.push({ key, ...leaf });
    else if (isRecord(value))
      for (const [name, item] of Object.entries(value)) addLeaves(item, `${key}.${escapeKey(name)}`);
  };
  for (const [name, item] of Object.entries(metadata)) addLeaves(item, escapeKey(name));
  return entries.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Validates metadata: a JSON object (see `validateObject`) whose tagged values have the type that they name. */
export function validateMetadata(value: unknown, field: string): Record<string, unknown> {
  const metadata = validateObject(value, field);
  toEntries(metadata, field);
  return metadata;
}

/** What filters see of a leaf: a number, a text (its first 1,000 characters), or anything else (NaN too) as canonical JSON. */
export const indexedLeaf = v.object({
  key: v.string(),
  type: v.string(),
  number: v.nullable(v.number()),
  /** See `ExactNumber`; null for `noRest`. */
  rest: v.nullable(v.string()),
  text: v.nullable(v.string()),
  json: v.nullable(v.string()),
  /** The hash of a text or JSON that is longer than what is indexed of it; else null. */
  hash: v.nullable(v.string()),
  /** See `sortKey`; null for what isn't a text. */
  sort: v.nullable(v.string()),
});
export type IndexedLeaf = v.InferOutput<typeof indexedLeaf>;

const maxIndexedCharacters = 1_000;

/** The key that sorts texts by code point on every engine: their UTF-8 in hexadecimal, cut off after 1,024 bytes. */
export function sortKey(text: string): string {
  return Buffer.from(text).toString("hex").slice(0, 2_048);
}

/** The hash of a text that is too long to be indexed in full; null for a shorter one. */
export function longHash(text: string | null): string | null {
  return text !== null && text.length > maxIndexedCharacters ? contentHash(text) : null;
}

/** The part of a text or JSON that is indexed: its first 1,000 characters. */
export function indexedPart(text: string): string {
  return text.slice(0, maxIndexedCharacters);
}

function toJson(type: string, value: unknown): string {
  return canonicalJson(type === "FLOAT" ? { $type: type, value } : value);
}

function toIndexedLeaf({ key, type, value }: MetadataEntry): IndexedLeaf {
  const exact = toExactNumber(typeof value === "number" ? value : { $type: type, value });
  const text = typeof value === "string" && type !== "FLOAT" && type !== "INTEGER" ? value : null;
  const json = exact === null && text === null ? toJson(type, value) : null;
  return {
    key: indexedPart(key),
    type,
    number: exact?.number ?? null,
    rest: exact === null || exact.rest === noRest ? null : exact.rest,
    text: text && indexedPart(text),
    json: json && indexedPart(json),
    hash: longHash(text ?? json),
    sort: text === null ? null : sortKey(text),
  };
}

/** The leaves of metadata as filters and orders see them. */
export function toLeaves(metadata: Record<string, unknown>): IndexedLeaf[] {
  return toEntries(metadata).map(toIndexedLeaf);
}
