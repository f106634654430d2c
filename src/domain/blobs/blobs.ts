import type { Readable } from "node:stream";
import { batchCalls } from "../../lib/batch-calls.ts";
import { groupBy } from "../../lib/group-by.ts";
import { statement } from "../../ports/statement.ts";
import type { Deps } from "../core/context.ts";
import type { Content, StoredFile } from "../core/digest.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { validateDigest, validateProjectName } from "../core/validation.ts";
import { ensureProjects } from "../projects/projects.ts";
import { findPlace, recordContents, writeContent } from "./contents.ts";
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
export async function dropContents({ blobs }: Pick<Deps, "blobs">, contents: Content[]): Promise<void> {
  for (const { key } of contents) await blobs.remove(key);
}

type RecordDeps = Pick<Deps, "graph" | "newId" | "now" | "counted" | "settings">;

/** Records contents, each with its project, in one transaction; projects that are `missing` are made. Gives the keys that are in use from now on. */
function record(
  deps: RecordDeps,
  written: { project: string; content: Content }[],
  missing: string[],
): Promise<Set<string>> {
  return deps.graph.write(async (tx) => {
    if (missing.length) ensureProjects(deps, tx, missing);
    const projects = [...groupBy(written, ({ project }) => project)].sort(([a], [b]) => (a < b ? -1 : 1));
    const used = new Set<string>();
    for (const [project, all] of projects) {
      const contents = all.map(({ content }) => content);
      for (const key of await recordContents(deps, tx.run, project, contents)) used.add(key);
    }
    return used;
  });
}

/** Contents that come one by one are recorded together with those that come at the same time: a transaction for each would cost more than the bytes. */
export function startKeeping(deps: RecordDeps): Deps["keeping"] {
  return batchCalls((items) => {
    const missing = items.filter(({ isThere }) => !isThere).map(({ project }) => project);
    return record(deps, items, missing);
  });
}

/** Drops again what the project has already, or, when it was refused, all of it. */
async function settled(
  deps: Deps,
  project: string,
  contents: Content[],
  recording: Promise<ReadonlySet<string>>,
): Promise<ReadonlySet<string>> {
  try {
    const used = await recording;
    if (used.size && deps.settings.projectBytes !== null) deps.counted.add(project);
    await dropContents(
      deps,
      contents.filter(({ key }) => !used.has(key)),
    );
    return used;
  } catch (error) {
    // After any other failure nobody knows whether it was recorded: then the bytes stay.
    if (error instanceof DomainError) await dropContents(deps, contents);
    throw error;
  }
}

/**
 * Makes contents of a project out of what was written to the store, in one transaction. What the project has already is dropped again, and when
 * this is refused, all of it.
 */
export async function keepContents(deps: Deps, project: string, contents: Content[]): Promise<void> {
  const written = contents.map((content) => ({ project, content }));
  await settled(deps, project, contents, record(deps, written, [project]));
}

/**
 * Stores bytes under a key of their own while hashing them, then records the one blob of this project and content. Bytes that were there
 * already are dropped again, as are those whose digest isn't the one given (`INVALID_INPUT`).
 */
export async function storeBlob(deps: Deps, actor: Actor, upload: IncomingBytes): Promise<StoredBlob> {
  const project = validateProjectName(upload.project, "project");
  authorize(actor, "blob:write", project);
  if (upload.size !== undefined) validateFileSize(deps, upload.size);
  const { isThere, newKey } = await findPlace(deps, project);
  const content = await writeContent(deps, newKey(), upload.source, upload.size);
  const { digest, size, key } = content;
  if (upload.digest && upload.digest !== digest) {
    await deps.blobs.remove(key);
    throw invalid("digest", `the bytes have ${digest}, not ${upload.digest}`);
  }
  // A quota that is reached refuses one, and must not refuse others with it.
  const isAlone = deps.settings.projectBytes !== null;
  const written = { project, content, isThere };
  const recording = isAlone ? record(deps, [written], isThere ? [] : [project]) : deps.keeping(written);
  const used = await settled(deps, project, [content], recording);
  return { digest, size, created: used.has(key) };
}

const byIds = statement<{ ids: string[] }, { id: string; blob: StoredFile }>("find-contents");

/** Looks for contents by their ids, in one statement; resolves with what gives each, undefined when it isn't there. */
export async function findContents(
  { graph }: Pick<Deps, "graph">,
  ids: string[],
): Promise<(id: string) => StoredFile | undefined> {
  const rows = await graph.read(byIds, { ids: [...new Set(ids)] });
  const found = new Map(rows.map(({ id, blob }) => [id, blob]));
  return (id) => found.get(id);
}

/** A content of a project by its digest; `NOT_FOUND` when the project hasn't it. */
export async function findContent(deps: Deps, actor: Actor, project: string, digest: string): Promise<StoredFile> {
  validateProjectName(project, "project");
  authorize(actor, "project:read", project);
  const blob = await deps.lookups.contents(`${project}/${validateDigest(digest, "digest")}`);
  if (!blob) throw notFound(`${digest} in project ${project}`);
  return blob;
}
