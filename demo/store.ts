import { createHash } from "node:crypto";
import type { PedigreeClient } from "../src/client/client.ts";
import type { Made } from "./pipeline.ts";

/** Where the demo records, and where it tells of its progress. */
export interface Place {
  client: PedigreeClient;
  project: string;
  say(line: string): void;
}

/** An output whose bytes are in the service's store. */
export interface Stored {
  name: string;
  /** What `logVersion` and an output of `publishRun` take; `ifChanged`: equal to the newest version, it gets no other. */
  input: { name: string; files: { path: string; digest: string }[]; ifChanged: true; [field: string]: unknown };
  /** An older version that has this content already: the newest has other content, and `ifChanged` looks at no other. */
  older: { id: string; number: number } | null;
}

/** Of one file its own digest, of several that of the manifest: how the service computes `Version.digest`. */
function digestOf(files: Stored["input"]["files"]): string {
  const [first] = files;
  if (first && files.length === 1) return first.digest;
  const hash = createHash("sha256");
  for (const { path, digest } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1)))
    hash.update(`${path}\0${digest}\n`);
  return `sha256:${hash.digest("hex")}`;
}

const ofContent = `query OfContent($filter: VersionFilter!) {
  versions(filter: $filter) { nodes { id number isLatest } }
}`;

async function findOlder({ client, project }: Place, name: string, digest: string): Promise<Stored["older"]> {
  const filter = { project: { eq: project }, artifact: { eq: name }, digest: { eq: digest } };
  const { versions } = await client.request<{
    versions: { nodes: { id: string; number: number; isLatest: boolean }[] };
  }>(ofContent, {
    filter,
  });
  return versions.nodes.some(({ isLatest }) => isLatest) ? null : (versions.nodes[0] ?? null);
}

/** Uploads the files of an output; bytes that are there already are stored once. */
export async function store(place: Place, { name, files, about }: Made): Promise<Stored> {
  const uploads = Object.entries(files).map(async ([path, text]) => ({
    path,
    digest: await place.client.putBlob(place.project, Buffer.from(text)),
  }));
  const stored = await Promise.all(uploads);
  const older = await findOlder(place, name, digestOf(stored));
  return { name, input: { ...about, name, files: stored, ifChanged: true }, older };
}
