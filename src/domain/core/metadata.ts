import * as v from "valibot";
import { canonicalJson, contentHash } from "../../lib/canonical-json.ts";
import type { MetadataEntry } from "../../model/version.ts";
import { invalid } from "./errors.ts";
import { validateObject } from "./validation.ts";

const tagged = ["URI", "PATH", "DTYPE", "STORAGE_SIZE", "DATETIME", "FLOAT"] as const;
type Tag = (typeof tagged)[number];
const specials = ["NaN", "Infinity", "-Infinity"];

interface Leaf {
  type: string;
  value: unknown;
}

function isTag(value: unknown): value is Tag {
  return tagged.some((tag) => tag === value);
}

function fits(tag: Tag, value: unknown): boolean {
  if (tag === "STORAGE_SIZE") return Number.isSafeInteger(value) && Number(value) >= 0;
  if (tag === "FLOAT") return typeof value === "number" || specials.some((special) => special === value);
  if (tag === "DATETIME") return typeof value === "string" && !Number.isNaN(Date.parse(value));
  return typeof value === "string";
}

function taggedLeaf(value: object, field: string): Leaf | null {
  if (!("$type" in value)) return null;
  const { $type: type, value: inner, ...others } = value as { $type: unknown; value?: unknown };
  if (Object.keys(others).length) throw invalid(field, `beside "$type" and "value" nothing else is taken`);
  if (!isTag(type)) throw invalid(field, `"$type" is one of ${tagged.join(", ")}`);
  if (!fits(type, inner)) throw invalid(field, `${JSON.stringify(inner)} is no ${type}`);
  return { type, value: inner };
}

function leafOf(value: unknown, field: string): Leaf | null {
  if (value === null) return { type: "NULL", value };
  if (typeof value === "string") return { type: "STRING", value };
  if (typeof value === "boolean") return { type: "BOOLEAN", value };
  if (typeof value === "number") return { type: Number.isInteger(value) ? "INTEGER" : "FLOAT", value };
  if (Array.isArray(value)) return { type: "LIST", value };
  if (Object.keys(value as object).length === 0) return { type: "OBJECT", value };
  return taggedLeaf(value as object, field);
}

/** One segment of a dotted key: its own dots and backslashes behind a backslash. */
export function escapeKey(key: string): string {
  return key.replaceAll("\\", "\\\\").replaceAll(".", "\\.");
}

/** The segments of a dotted key: a backslash keeps the dot, or backslash, behind it in its segment. */
export function splitKey(key: string): string[] {
  return [...key.matchAll(/(?:^|\.)((?:[^.\\]|\\.)*)/gs)].map(([, segment = ""]) => segment.replace(/\\(.)/gs, "$1"));
}

const specialNumbers: Record<string, number> = { NaN: Number.NaN, Infinity: Infinity, "-Infinity": -Infinity };

/** A value without its tag: the number or text in it. */
export function toPlainValue(value: unknown): unknown {
  if (!value || typeof value !== "object" || !("$type" in value && "value" in value)) return value;
  return value.$type === "FLOAT" && typeof value.value === "string" ? specialNumbers[value.value] : value.value;
}

/** What metadata holds at a dotted key; undefined where there is nothing. */
export function getMetadataValue(metadata: Record<string, unknown>, key: string): unknown {
  let at: unknown = metadata;
  for (const name of splitKey(key)) {
    const inside = at && typeof at === "object" && !Array.isArray(at) && !("$type" in at) && Object.hasOwn(at, name);
    if (!inside) return undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at;
}

/** The leaves of metadata in the order of their keys: nested keys joined by dots, lists and empty objects whole. */
export function toEntries(metadata: Record<string, unknown>, field = "metadata"): MetadataEntry[] {
  const found: MetadataEntry[] = [];
  const visit = (value: unknown, key: string): void => {
    const leaf = leafOf(value, `${field}.${key}`);
    if (leaf) found.push({ key, ...leaf });
    else for (const [name, item] of Object.entries(value as object)) visit(item, `${key}.${escapeKey(name)}`);
  };
  for (const [name, item] of Object.entries(metadata)) visit(item, escapeKey(name));
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** Metadata as given, checked: a JSON object within the limits whose tagged values are of their type. */
export function validateMetadata(value: unknown, field: string): Record<string, unknown> {
  const metadata = validateObject(value, field);
  toEntries(metadata, field);
  return metadata;
}

/** What filters see of a leaf: a number, a text (its first 1,000 characters), or anything else as canonical JSON. */
export const indexedLeaf = v.object({
  key: v.string(),
  type: v.string(),
  number: v.nullable(v.number()),
  text: v.nullable(v.string()),
  json: v.nullable(v.string()),
  /** The hash of a text or JSON that is longer than what is indexed of it; else null. */
  hash: v.nullable(v.string()),
  /** What a text is ordered by, the same on every engine. */
  sort: v.nullable(v.string()),
});
export type IndexedLeaf = v.InferOutput<typeof indexedLeaf>;

const indexed = 1_000;

/** A text by which texts are ordered as their code points are, whatever an engine compares: their UTF-8 in hexadecimal, as far as it goes. */
export function sortKey(text: string): string {
  return Buffer.from(text).toString("hex").slice(0, 2_048);
}

/** A hash of a text that is too long to be indexed whole; null for one that isn't. */
export function longHash(text: string | null): string | null {
  return text !== null && text.length > indexed ? contentHash(text) : null;
}

/** The first part of a text or JSON, as it is indexed. */
export function indexedPart(text: string): string {
  return text.slice(0, indexed);
}

function jsonOf(type: string, value: unknown): string {
  return canonicalJson(type === "FLOAT" ? { $type: type, value } : value);
}

function toIndexedLeaf({ key, type, value }: MetadataEntry): IndexedLeaf {
  const number = typeof value === "number" ? value : null;
  const text = typeof value === "string" && type !== "FLOAT" ? value : null;
  const json = number === null && text === null ? jsonOf(type, value) : null;
  return {
    key: indexedPart(key),
    type,
    number,
    text: text && indexedPart(text),
    json: json && indexedPart(json),
    hash: longHash(text ?? json),
    sort: text === null ? null : sortKey(text),
  };
}

/** The leaves for the index: numbers to compare as numbers, text as text. */
export function toLeaves(metadata: Record<string, unknown>): IndexedLeaf[] {
  return toEntries(metadata).map(toIndexedLeaf);
}
