import { Kind } from "../../model/enums.ts";
import { invalid } from "../core/errors.ts";
import { validateDigest } from "../core/validation.ts";
import { type Reference, toUriKind } from "../core/version-uri.ts";

const idLength = 36;
const minPrefixLength = 6;
const maxReferenceLength = 4_096;

/** Kinds by their name in a `store://` URI, which may also be plural. */
const kinds: Record<string, Kind> = {
  ...Object.fromEntries(Object.values(Kind).map((kind) => [toUriKind(kind), kind])),
  models: "MODEL",
  datasets: "DATASET",
  artifacts: "ARTIFACT",
  "feature-sets": "FEATURE_SET",
  "feature-vectors": "FEATURE_VECTOR",
};

function decode(text: string, field: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(
      field,
      `"${text}" contains a % that does not start percent-encoded UTF-8; write a percent sign as %25`,
    );
  }
}

/** `<project>/<name>`, optionally `:<selector>` and `@<run id>`; a `::` within the name separates nothing. */
const namedReference = /^([^/]*)\/(.+?)(?:(?<!:):(?!:)([^:/@]*))?(?:@([^@/:]*))?$/su;

function parseNamed(text: string, field: string, kind?: Kind): Reference {
  const parts = namedReference.exec(text)?.slice(1);
  if (!parts)
    throw invalid(field, `"${text}" is not a reference; use <project>/<name>, <project>/<name>:<selector> or an id`);
  const [project, name, selector, run] = parts.map((part) => (part === undefined ? part : decode(part, field)));
  if (!project || !name) throw invalid(field, `"${text}" has no project or no name before the selector`);
  if (selector === "" || run === "") throw invalid(field, `"${text}" has an empty selector or run`);
  // Keys join these parts by / and :, so a decoded separator would name something else.
  if (/[/:@]/.test(`${project}${selector ?? ""}`))
    throw invalid(field, `"${text}" has a /, : or @ in its project or selector, where none is allowed`);
  if (/[:@]/.test(parts[1]?.replace(/(?<=[^:/])::(?=[^:/])/gu, "") ?? ""))
    throw invalid(field, `"${text}" has a : or @ in its name; write : as %3A and @ as %40`);
  return { form: "name", project, name, selector: selector ?? "latest", ...(kind && { kind }), ...(run && { run }) };
}

function parseUri(path: string, field: string): Reference {
  const slash = path.indexOf("/");
  const word = path.slice(0, Math.max(slash, 0));
  const kind = Object.hasOwn(kinds, word) ? kinds[word] : undefined;
  if (!kind) throw invalid(field, `store://${path} does not start with a kind: ${Object.keys(kinds).join(", ")}`);
  return parseNamed(path.slice(slash + 1), field, kind);
}

/** Parses a reference; a malformed one is `INVALID_INPUT` on `field`. */
export function parseReference(text: string, field: string): Reference {
  if (text.length > maxReferenceLength)
    throw invalid(field, `a reference has at most ${maxReferenceLength} characters, not ${text.length}`);
  if (text.startsWith("store://")) return parseUri(text.slice("store://".length), field);
  if (text.startsWith("sha256:")) return { form: "digest", digest: validateDigest(text, field) };
  if (text.includes("/")) return parseNamed(text, field);
  if (/[:@%\s]/u.test(text) || text === "") throw invalid(field, `"${text}" is neither an id nor <project>/<name>`);
  if (text.length >= idLength) return { form: "id", id: text };
  if (text.length >= minPrefixLength) return { form: "prefix", prefix: text };
  throw invalid(field, `"${text}" is too short for the start of an id; use at least ${minPrefixLength} characters`);
}
