import { isGiven } from "../../lib/is-given.ts";
import { isRecord } from "../../lib/is-record.ts";
import { quote } from "../../lib/quote.ts";
import { DomainError, invalid } from "./errors.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: this pattern finds control characters.
const controlCharacter = /[\u0000-\u001f\u007f-\u009f]/u;
const loneSurrogate = /\p{Surrogate}/u;
const projectName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const selectorName = /^[A-Za-z0-9._-]{1,128}$/;
const sha256 = /^sha256:[0-9a-f]{64}$/;

const maxNameCharacters = 255;
const maxPathBytes = 1_024;
const maxTextCharacters = 65_536;
const maxShortTextCharacters = 1_024;
const maxListItems = 10_000;
const maxJsonBytes = 262_144;
const maxJsonLevels = 32;

function tooLarge(field: string, message: string, limit: number): DomainError<"TOO_LARGE"> {
  return new DomainError("TOO_LARGE", `${field}: ${message}`, { limit });
}

/** Validates the name of a project; `INVALID_INPUT` otherwise. */
export function validateProjectName(name: string, field: string): string {
  if (projectName.test(name)) return name;
  const rule = "use 1 to 128 letters, digits, `.`, `_` and `-`, starting with a letter or digit";
  throw invalid(field, `${quote(name)} is not a valid project name; ${rule}`);
}

/** Validates the name of an artifact whose placeholders have been replaced; `INVALID_INPUT` otherwise. */
export function validateArtifactName(name: string, field: string): string {
  const length = [...name].length;
  if (length < 1 || length > maxNameCharacters)
    throw invalid(field, `a name must have 1 to ${maxNameCharacters} characters, not ${length}`);
  if (controlCharacter.test(name) || loneSurrogate.test(name))
    throw invalid(field, "a name must not contain control characters or unpaired surrogates");
  if (/[{}]/.test(name)) throw invalid(field, "a name must not contain { or }, which enclose placeholders");
  if (name.startsWith("/") || name.endsWith("/")) throw invalid(field, "a name must not start or end with /");
  if (name.split("/").some((segment) => segment === "." || segment === ".."))
    throw invalid(field, "a name must not contain the segments . or ..");
  return name;
}

/** Validates a version name or alias; `INVALID_INPUT` otherwise. */
export function validateSelectorName(name: string, field: string): string {
  if (!selectorName.test(name))
    throw invalid(field, `${quote(name)} is not valid; use 1 to 128 letters, digits, \`.\`, \`_\` and \`-\``);
  if (/^\d+$/.test(name)) throw invalid(field, `${quote(name)} would be read as a version number; add a letter`);
  if (name === "latest") throw invalid(field, '"latest" is reserved for the newest version; use another name');
  return name;
}

/** Validates a digest, `sha256:` and 64 lowercase hexadecimal digits; `INVALID_INPUT` otherwise. */
export function validateDigest(digest: string, field: string): string {
  if (sha256.test(digest)) return digest;
  throw invalid(field, `a digest is sha256: followed by 64 lowercase hexadecimal digits, not ${quote(digest)}`);
}

/** Decodes percent-encoded ASCII characters until none are left. */
function decodeRepeatedly(path: string): string {
  const decoded = path.replace(/%([0-7][0-9a-f])/gi, (_match, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return decoded === path ? path : decodeRepeatedly(decoded);
}

function validateSegments(path: string, field: string): void {
  if (controlCharacter.test(path) || path.includes("\\") || loneSurrogate.test(path))
    throw invalid(field, "a path must not contain control characters, backslashes or unpaired surrogates");
  if (/^[A-Za-z]:/.test(path)) throw invalid(field, "a path must not start with a drive letter");
  if (path.split("/").some((segment) => segment === "" || segment === "." || segment === ".."))
    throw invalid(field, "a path must be relative, without empty segments, . or ..");
}

/** Validates the relative path of a file; `INVALID_INPUT` otherwise. It must stay valid for clients that decode it once too often. */
export function validatePath(path: string, field: string): string {
  const bytes = Buffer.byteLength(path);
  if (bytes < 1 || bytes > maxPathBytes)
    throw invalid(field, `a path must have 1 to ${maxPathBytes} bytes, not ${bytes}`);
  validateSegments(path, field);
  validateSegments(decodeRepeatedly(path), field);
  return path;
}

/** Validates free text of at most `limit` characters (`TOO_LARGE` otherwise), such as a description; null if omitted. */
export function validateText(text: string | null | undefined, field: string, limit = maxTextCharacters): string | null {
  if (!isGiven(text)) return null;
  if (loneSurrogate.test(text)) throw invalid(field, "text must not contain unpaired surrogates");
  if (text.length > limit) throw tooLarge(field, `text has ${text.length} characters; the limit is ${limit}`, limit);
  return text;
}

/** Validates a tag, a key or another short text: 1 to 1,024 characters. */
export function validateShortText(text: string, field: string): string {
  if (text === "" || controlCharacter.test(text))
    throw invalid(field, `must have 1 to ${maxShortTextCharacters} characters, none of them control characters`);
  validateText(text, field, maxShortTextCharacters);
  return text;
}

/** Validates tags; returns each once, in the order given. */
export function validateTags(tags: string[] | null | undefined, field: string): string[] {
  return [...new Set(validateList(tags, field).map((tag, i) => validateShortText(tag, `${field}[${i}]`)))];
}

/** Validates a list of at most 10,000 items (`TOO_LARGE` otherwise); empty if omitted. */
export function validateList<T>(list: T[] | null | undefined, field: string): T[] {
  if (list && list.length > maxListItems)
    throw tooLarge(field, `the list has ${list.length} items; the limit is ${maxListItems}`, maxListItems);
  return list ?? [];
}

/** The levels of nesting in a value, counted up to one more than `limit`. */
function countLevels(value: unknown, limit: number): number {
  if (!value || typeof value !== "object") return 0;
  if (limit === 0) return 1;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, countLevels(item, limit - 1));
  return deepest + 1;
}

/** Rejects what a JSON number such as 1e400 is parsed to: infinity, which would be stored as null. */
function validateFinite(value: unknown, field: string): unknown {
  if (typeof value === "number" && !Number.isFinite(value))
    throw invalid(field, "a number is out of the range of 64-bit floating point");
  return value;
}

/** All keys and texts in a value. */
function joinTexts(value: unknown): string {
  if (typeof value === "string") return value;
  if (!value || typeof value !== "object") return "";
  return Object.entries(value)
    .map(([key, item]) => `${key} ${joinTexts(item)}`)
    .join(" ");
}

/** Validates JSON of at most 256 KiB and 32 levels (`TOO_LARGE` otherwise); undefined becomes null. */
export function validateJson(value: unknown, field: string): unknown {
  if (countLevels(value, maxJsonLevels) > maxJsonLevels)
    throw tooLarge(field, `JSON is nested more than ${maxJsonLevels} levels deep`, maxJsonLevels);
  const text = JSON.stringify(value ?? null, (_key, item: unknown) => validateFinite(item, field));
  const bytes = Buffer.byteLength(text);
  if (bytes > maxJsonBytes)
    throw tooLarge(field, `JSON has ${bytes} bytes; the limit is ${maxJsonBytes}`, maxJsonBytes);
  if (/\\ud[89a-f]/i.test(text) && loneSurrogate.test(joinTexts(value)))
    throw invalid(field, "text must not contain unpaired surrogates");
  return value ?? null;
}

/** Validates a JSON object, as `validateJson` does; empty if omitted or null. */
export function validateObject(value: unknown, field: string): Record<string, unknown> {
  validateJson(value, field);
  if (!isGiven(value)) return {};
  if (!isRecord(value)) throw invalid(field, "must be a JSON object");
  return value;
}

type Label = { key: string; value: string };

/** Validates labels; each key may occur once. */
export function validateLabels(labels: Label[], field: string): Label[] {
  const keys = new Set<string>();
  labels.forEach((label, i) => {
    validateShortText(label.key, `${field}[${i}].key`);
    validateText(label.value, `${field}[${i}].value`, maxShortTextCharacters);
    if (keys.has(label.key)) throw invalid(`${field}[${i}].key`, `duplicate label ${quote(label.key)}`);
    keys.add(label.key);
  });
  return labels.map(({ key, value }) => ({ key, value }));
}

/** The text of a JSON value, validated by `validateJson`; null if omitted or null. */
export function toOptionalJson(value: unknown, field: string): string | null {
  return isGiven(value) ? JSON.stringify(validateJson(value, field)) : null;
}

/** Validates the slot and role in which an execution reads or produces a version; empty text for one that is omitted. */
export function validateSlot(
  { slot, role }: { slot?: string | null | undefined; role?: string | null | undefined },
  field: string,
): { slot: string; role: string } {
  return {
    slot: validateText(slot, `${field}slot`, maxShortTextCharacters) ?? "",
    role: validateText(role, `${field}role`, maxShortTextCharacters) ?? "",
  };
}
