import type { Kind } from "../../model/enums.ts";

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

/** The natural key of an artifact. */
export function artifactKey(project: string, name: string): string {
  return `${project}/${name}`;
}

/** How a kind is written in a URI: lower case with `-`. */
export function toUriKind(kind: Kind): string {
  return kind.toLowerCase().replaceAll("_", "-");
}

/** Percent-encodes what RFC 3986 doesn't leave unreserved, but for `/` and for a `::` between two other characters. */
function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replace(/(?<!%3A|^|\/)%3A%3A(?!%3A|$|\/)/g, "::");
}

/** Prints the URI of a version, or of whatever a selector names. */
export function printUri(ref: { kind: Kind; project: string; name: string; selector: string | number; run?: string }) {
  return `store://${toUriKind(ref.kind)}/${encodeName(ref.project)}/${encodeName(ref.name)}:${encodeName(String(ref.selector))}${
    ref.run ? `@${encodeName(ref.run)}` : ""
  }`;
}
