import type { Readable } from "node:stream";
import { statement } from "../../ports/statement.ts";
import type { Ports, RequestContext, ServiceContext } from "../core/context.ts";
import type { Content, StoredFile } from "../core/digest.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";
import { findPlace } from "../recording/storage-prefix.ts";
import { recordInProjects } from "./content-store.ts";
import { writeContent } from "./contents.ts";
import { validateFileSize } from "./quotas.ts";

/** What came in: bytes, and what their sender says of them. */
export interface IncomingBytes {
  project: string;
  source: Readable;
  /** Bytes to come, when the sender says so. */
  size?: number | undefined;
  /** `sha256:<hex>` that the bytes must have. */
  digest?: string | undefined;
}

/** A stored content: `created` is false when the project had it already. */
export interface StoredBlob {
  digest: string;
  size: number;
  created: boolean;
}

/** Drops from the store what nobody refers to. */
export async function dropContents({ blobs }: Pick<Ports, "blobs">, contents: Content[]): Promise<void> {
  for (const { key } of contents) await blobs.remove(key);
}

/** Drops again what the project has already, or, when it was refused, all of it. */
async function settled(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
  recording: Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  try {
    const used = await recording;
    if (used.size && context.ports.settings.projectBytes !== null)
      context.services.contentStore.countedProjects.add(project);
    await dropContents(
      context.ports,
      contents.filter(({ key }) => !used.has(key)),
    );
    return used;
  } catch (error) {
    // After any other failure nobody knows whether it was recorded: then the bytes stay.
    if (error instanceof DomainError) await dropContents(context.ports, contents);
    throw error;
  }
}

/**
 * Makes contents of a project out of what was written to the store, in one transaction. What the project has already is dropped again, and when
 * this is refused, all of it.
 */
export async function keepContents(
  context: ServiceContext<"contentStore">,
  project: string,
  contents: Content[],
): Promise<void> {
  const written = contents.map((content) => ({ project, content }));
  await settled(context, project, contents, recordInProjects(context, written, [project]));
}

/**
 * Stores bytes under a key of their own while hashing them, then records the one blob of this project and content. Bytes that were there
 * already are dropped again, as are those whose digest isn't the one given (`INVALID_INPUT`).
 */
export async function storeBlob(
  context: RequestContext<"contentStore" | "lookups">,
  upload: IncomingBytes,
): Promise<StoredBlob> {
  const project = validateProjectName(upload.project, "project");
  authorize(context.actor, "blob:write", project);
  if (upload.size !== undefined) validateFileSize(context.ports, upload.size);
  const { isThere, newKey } = await findPlace(context, project);
  const content = await writeContent(context, newKey(), upload.source, upload.size);
  const { digest, size, key } = content;
  if (upload.digest && upload.digest !== digest) {
    await context.ports.blobs.remove(key);
    throw invalid("digest", `the bytes have ${digest}, not ${upload.digest}`);
  }
  // A quota that is reached refuses one, and must not refuse others with it.
  const isAlone = context.ports.settings.projectBytes !== null;
  const written = { project, content, isThere };
  const recording = isAlone
    ? recordInProjects(context, [written], isThere ? [] : [project])
    : context.services.contentStore.record(written);
  const used = await settled(context, project, [content], recording);
  return { digest, size, created: used.has(key) };
}

const byIds = statement<{ ids: string[] }, { id: string; blob: StoredFile }>("find-contents");

/** Looks for contents by their ids, in one statement; resolves with what gives each, undefined when it isn't there. */
export async function findContents(
  { graph }: Pick<Ports, "graph">,
  ids: string[],
): Promise<(id: string) => StoredFile | undefined> {
  const rows = await graph.read(byIds, { ids: [...new Set(ids)] });
  const found = new Map(rows.map(({ id, blob }) => [id, blob]));
  return (id) => found.get(id);
}

/** A content of a project by its digest; `NOT_FOUND` when the project hasn't it. */
export async function findContent(
  context: RequestContext<"lookups">,
  project: string,
  digest: string,
): Promise<StoredFile> {
  validateProjectName(project, "project");
  authorize(context.actor, "project:read", project);
  const blob = await context.services.lookups.contents(`${project}/${validateDigest(digest, "digest")}`);
  if (!blob) throw notFound(`${digest} in project ${project}`);
  return blob;
}
