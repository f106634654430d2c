import { isGiven } from "../../lib/is-given.ts";
import { DomainError, invalid } from "./errors.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const control = /[\u0000-\u001f\u007f-\u009f]/u;
const loneSurrogate = /\p{Surrogate}/u;
const projectName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;
const selectorName = /^[A-Za-z0-9._-]{1,128}$/;
const sha256 = /^sha256:[0-9a-f]{64}$/;
const most = {
  path: 1_024,
  text: 65_536,
  word: 1_024,
  key: 1_024,
  metadataBytes: 262_144,
  metadataLevels: 32,
  list: 10_000,
};

/** A project's name; `INVALID_INPUT` says what is allowed. */
export function validateProjectName(name: string, field: string): string {
  if (!projectName.test(name)) {
    throw invalid(
      field,
      "a project's name has 1 to 128 letters, digits, `.`, `_` and `-`, the first a letter or digit",
    );
  }
  return name;
}

/** An artifact's name with its placeholders resolved. */
export function validateArtifactName(name: string, field: string): string {
  const length = [...name].length;
  if (length < 1 || length > 255) throw invalid(field, `a name has 1 to 255 characters, not ${length}`);
  if (control.test(name) || loneSurrogate.test(name)) throw invalid(field, "a name holds no control characters");
  if (/[{}]/.test(name)) throw invalid(field, "{ and } belong to placeholders");
  if (name.startsWith("/") || name.endsWith("/")) throw invalid(field, "a name neither begins nor ends with /");
  if (name.split("/").some((segment) => segment === "." || segment === "..")) {
    throw invalid(field, "no segment of a name is . or ..");
  }
  return name;
}

/** A version name or alias. */
export function validateSelectorName(name: string, field: string): string {
  if (!selectorName.test(name)) throw invalid(field, "1 to 128 letters, digits, `.`, `_` and `-`");
  if (/^\d+$/.test(name)) throw invalid(field, "digits alone would be taken for a version's number");
  if (name === "latest") throw invalid(field, "latest always is the newest version");
  return name;
}

/** `sha256:` and 64 hexadecimal digits in lower case. */
export function validateDigest(digest: string, field: string): string {
  if (!sha256.test(digest)) throw invalid(field, "a digest is sha256: and 64 hexadecimal digits in lower case");
  return digest;
}

/** A path with the ASCII characters that stand in it percent-encoded, however often. */
function unescaped(path: string): string {
  const once = path.replace(/%([0-7][0-9a-f])/gi, (_whole, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return once === path ? path : unescaped(once);
}

function validateSegments(path: string, field: string): void {
  if (control.test(path) || path.includes("\\") || loneSurrogate.test(path)) {
    throw invalid(field, "a path holds no control characters, backslashes or unpaired surrogates");
  }
  if (/^[A-Za-z]:/.test(path)) throw invalid(field, "a path has no drive letter");
  if (path.split("/").some((segment) => segment === "" || segment === "." || segment === "..")) {
    throw invalid(field, "a path is relative, with no segment that is empty, . or ..");
  }
}

/** A file's relative path, which stays one for those who decode it once too often. */
export function validatePath(path: string, field: string): string {
  const bytes = Buffer.byteLength(path);
  if (bytes < 1 || bytes > most.path) throw invalid(field, `a path has 1 to ${most.path} bytes, not ${bytes}`);
  validateSegments(path, field);
  validateSegments(unescaped(path), field);
  return path;
}

/** Free text, such as a description; null when left out. */
export function validateText(text: string | null | undefined, field: string, limit = most.text): string | null {
  if (!isGiven(text)) return null;
  if (loneSurrogate.test(text)) throw invalid(field, "text holds no unpaired surrogates");
  if (text.length > limit) throw new DomainError("TOO_LARGE", `${field}: at most ${limit} characters`, { limit });
  return text;
}

/** A tag, a key or another short word: 1 to 1,024 characters. */
export function validateShortText(word: string, field: string): string {
  if (word === "" || control.test(word)) throw invalid(field, "1 to 1,024 characters, none of them control characters");
  validateText(word, field, most.word);
  return word;
}

/** Tags: each once, in the order given. */
export function validateTags(tags: string[] | null | undefined, field: string): string[] {
  return [...new Set(validateList(tags, field).map((tag, i) => validateShortText(tag, `${field}[${i}]`)))];
}

/** A list that may be left out; at most 10,000 items. */
export function validateList<T>(list: T[] | null | undefined, field: string): T[] {
  if (list && list.length > most.list) {
    throw new DomainError("TOO_LARGE", `${field}: at most ${most.list} items`, { limit: most.list });
  }
  return list ?? [];
}

function depthOf(value: unknown, limit: number): number {
  if (!value || typeof value !== "object") return 0;
  if (limit === 0) return 1;
  let deepest = 0;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item, limit - 1));
  return deepest + 1;
}

/** Any JSON within the limits of metadata: at most 256 KiB and 32 levels. Undefined becomes null. */
export function validateJson(value: unknown, field: string): unknown {
  const { metadataBytes, metadataLevels } = most;
  if (depthOf(value, metadataLevels) > metadataLevels) {
    throw new DomainError("TOO_LARGE", `${field}: at most ${metadataLevels} levels of nesting`, {
      limit: metadataLevels,
    });
  }
  const text = JSON.stringify(value ?? null, (_key, item: unknown) => finite(item, field));
  if (Buffer.byteLength(text) > metadataBytes) {
    throw new DomainError("TOO_LARGE", `${field}: at most ${metadataBytes} bytes of JSON`, { limit: metadataBytes });
  }
  if (/\\ud[89a-f]/i.test(text) && loneSurrogate.test(collect(value))) {
    throw invalid(field, "text holds no unpaired surrogates");
  }
  return value ?? null;
}

/** JSON can write 1e400, which nobody can hold: it would become null. */
function finite(item: unknown, field: string): unknown {
  if (typeof item === "number" && !Number.isFinite(item)) throw invalid(field, "a number is too large");
  return item;
}

function collect(value: unknown): string {
  return typeof value === "string"
    ? value
    : value && typeof value === "object"
      ? Object.entries(value)
          .map(([key, item]) => `${key} ${collect(item)}`)
          .join(" ")
      : "";
}

/** A JSON object within the limits of metadata; left out or null it is empty. */
export function validateObject(value: unknown, field: string): Record<string, unknown> {
  validateJson(value, field);
  if (!isGiven(value)) return {};
  if (typeof value !== "object" || Array.isArray(value)) throw invalid(field, "a JSON object is wanted");
  return value as Record<string, unknown>;
}

type Label = { key: string; value: string };

/** Labels: each key once. */
export function validateLabels(labels: Label[], field: string): Label[] {
  const keys = new Set<string>();
  labels.forEach((label, i) => {
    validateShortText(label.key, `${field}[${i}].key`);
    validateText(label.value, `${field}[${i}].value`, 1_024);
    if (keys.has(label.key)) throw invalid(`${field}[${i}].key`, `"${label.key}" stands twice`);
    keys.add(label.key);
  });
  return labels.map(({ key, value }) => ({ key, value }));
}

/** Any JSON as text, null for none; refused as `checkJson` does. */
export function toOptionalJson(value: unknown, field: string): string | null {
  return isGiven(value) ? JSON.stringify(validateJson(value, field)) : null;
}

/** As what an execution reads or makes a version: empty where that isn't said. */
export function validateSlot(
  { slot, role }: { slot?: string | null | undefined; role?: string | null | undefined },
  field: string,
): { slot: string; role: string } {
  return {
    slot: validateText(slot, `${field}slot`, 1_024) ?? "",
    role: validateText(role, `${field}role`, 1_024) ?? "",
  };
}
