import { Kind } from "../../model/enums.ts";
import { invalid } from "../core/errors.ts";
import { validateDigest } from "../core/validation.ts";
import { type Reference, toUriKind } from "../core/version-uri.ts";

const idLength = 36;
const shortestPrefix = 6;
const plurals: Record<string, Kind> = {
  models: "MODEL",
  datasets: "DATASET",
  artifacts: "ARTIFACT",
  "feature-sets": "FEATURE_SET",
  "feature-vectors": "FEATURE_VECTOR",
};

const kinds: Record<string, Kind> = {
  ...Object.fromEntries(Object.values(Kind).map((kind) => [toUriKind(kind), kind])),
  ...plurals,
};

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
