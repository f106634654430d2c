import type { Kind } from "../../model/enums.ts";

/** A parsed `VersionRef`. `selector` is a number, `latest`, or the name of a version, alias or stage; `run` limits it to versions that this run or its steps produced. */
export type Reference =
  | { form: "id"; id: string }
  | { form: "prefix"; prefix: string }
  | { form: "digest"; digest: string }
  | { form: "name"; kind?: Kind; project: string; name: string; selector: string; run?: string };

/** A reference and the projects in which it is searched: those that the actor may read, null for all. */
export interface ResolvableReference {
  text: string;
  ref: Reference;
  projects: string[] | null;
}

/** The key of an artifact, `<project>/<name>`. */
export function artifactKey(project: string, name: string): string {
  return `${project}/${name}`;
}

/** A kind as it is written in a URI: lower case with `-`. */
export function toUriKind(kind: Kind): string {
  return kind.toLowerCase().replaceAll("_", "-");
}

/** Percent-encodes all characters but the unreserved ones of RFC 3986, `/`, and a `::` between two other characters. */
function encodeName(name: string): string {
  return encodeURIComponent(name)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%2F", "/")
    .replace(/(?<!%3A|^|\/)%3A%3A(?!%3A|$|\/)/g, "::");
}

/** The `store://` URI of the version that a selector names. */
export function printUri(ref: { kind: Kind; project: string; name: string; selector: string | number; run?: string }) {
  return `store://${toUriKind(ref.kind)}/${encodeName(ref.project)}/${encodeName(ref.name)}:${encodeName(String(ref.selector))}${
    ref.run ? `@${encodeName(ref.run)}` : ""
  }`;
}
