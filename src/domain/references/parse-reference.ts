import { Kind } from "../../model/enums.ts";
import { invalid } from "../core/errors.ts";
import { validateDigest } from "../core/validation.ts";

/** A `VersionRef` taken apart. `selector` is a number, `latest`, or a name; `run` keeps only what that run or its steps made. */
export type Reference =
  | { form: "id"; id: string }
  | { form: "prefix"; prefix: string }
  | { form: "digest"; digest: string }
  | { form: "name"; kind?: Kind; project: string; name: string; selector: string; run?: string };

/** A reference, and the projects among which it is looked for: all, or those that who asks may read. */
export interface ResolvableReference {
  text: string;
  ref: Reference;
  projects: string[] | null;
}

const idLength = 36;
const shortestPrefix = 6;
const plurals: Record<string, Kind> = {
  models: "MODEL",
  datasets: "DATASET",
  artifacts: "ARTIFACT",
  "feature-sets": "FEATURE_SET",
  "feature-vectors": "FEATURE_VECTOR",
};

/** How a kind is written in a URI: lower case with `-`. */
export function kindWord(kind: Kind): string {
  return kind.toLowerCase().replaceAll("_", "-");
}

const kinds: Record<string, Kind> = {
  ...Object.fromEntries(Object.values(Kind).map((kind) => [kindWord(kind), kind])),
  ...plurals,
};

/** Percent-encodes what RFC 3986 doesn't leave unreserved, but for `/` and for a `::` between two other characters. */
function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replace(/(?<!%3A|^|\/)%3A%3A(?!%3A|$|\/)/g, "::");
}

/** Prints the URI of a version, or of whatever a selector names. */
export function printUri(ref: { kind: Kind; project: string; name: string; selector: string | number; run?: string }) {
  return `store://${kindWord(ref.kind)}/${encodeName(ref.project)}/${encodeName(ref.name)}:${encodeName(String(ref.selector))}${
    ref.run ? `@${encodeName(ref.run)}` : ""
  }`;
}

function decode(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(
      field,
      `"${text}" holds a % that isn't followed by UTF-8 in hexadecimal; write a percent sign as %25`,
    );
  }
}

const named = /^([^/]*)\/(.+?)(?:(?<!:):(?!:)([^:/@]*))?(?:@([^@/:]*))?$/su;

function parseNamed(text: string, field: string, kind?: Kind): Reference {
  const parts = named.exec(text);
  if (!parts)
    throw invalid(field, `"${text}" is no reference: write <project>/<name>, <project>/<name>:<selector> or an id`);
  const [project, name, selector, run] = parts
    .slice(1)
    .map((part) => (part === undefined ? part : decode(part, field)));
  if (!project || !name) throw invalid(field, `"${text}" lacks a project or a name before the selector`);
  if (selector === "" || run === "") throw invalid(field, `"${text}" has an empty selector or run`);
  // Decoded, they would name something else in a key that joins the parts by / and :.
  if (/[/:@]/.test(`${project}${selector ?? ""}`))
    throw invalid(field, `"${text}" has / : or @ in project or selector`);
  if (/[:@]/.test(parts[2]?.replace(/(?<=[^:/])::(?=[^:/])/gu, "") ?? "")) {
    throw invalid(field, `"${text}" is no reference: in a name write : as %3A and @ as %40`);
  }
  return { form: "name", project, name, selector: selector ?? "latest", ...(kind && { kind }), ...(run && { run }) };
}

function parseStore(text: string, field: string): Reference {
  const slash = text.indexOf("/");
  const word = text.slice(0, Math.max(slash, 0));
  const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (!kind) throw invalid(field, `store://${text} names no kind: one of ${Object.keys(kinds).join(", ")}`);
  return parseNamed(text.slice(slash + 1), field, kind);
}

/** Takes a reference apart. What is wrong with it is `INVALID_INPUT` with `field`. */
export function parseReference(text: string, field: string): Reference {
  if (text.length > 4_096) throw invalid(field, "a reference has at most 4,096 characters");
  if (text.startsWith("store://")) return parseStore(text.slice("store://".length), field);
  if (text.startsWith("sha256:")) return { form: "digest", digest: validateDigest(text, field) };
  if (text.includes("/")) return parseNamed(text, field);
  if (/[:@%\s]/u.test(text) || text === "") throw invalid(field, `"${text}" is neither an id nor <project>/<name>`);
  if (text.length >= idLength) return { form: "id", id: text };
  if (text.length >= shortestPrefix) return { form: "prefix", prefix: text };
  throw invalid(field, `"${text}" is too short for a prefix of an id: give ${shortestPrefix} characters or more`);
}
