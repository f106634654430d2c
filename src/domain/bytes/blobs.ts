import type { Readable } from "node:stream";
import { statement } from "../../ports/statement.ts";
import { checkDigest, checkProject } from "../checks.ts";
import type { Deps } from "../deps.ts";
import { invalid, notFound, Refusal } from "../errors.ts";
import type { StoredFile } from "../lists/attached.ts";
import { type Actor, authorise } from "../permissions.ts";
import { ensureProjects } from "../projects.ts";
import { type Content, keysOf, recordContents, writeContent } from "./contents.ts";
import { checkSize } from "./quotas.ts";

/** What came in: bytes, and what their sender says of them. */
export interface Upload {
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
export const dropContents = async ({ blobs }: Pick<Deps, "blobs">, contents: Content[]): Promise<void> => {
  for (const { key } of contents) await blobs.remove(key);
};

/**
 * Makes contents of a project out of what was written to the store, in one transaction; gives the keys that are in use from now on. What the
 * project has already is dropped again, and when this is refused, all of it.
 */
export const keepContents = async (deps: Deps, project: string, contents: Content[]): Promise<Set<string>> => {
  try {
    const used = await deps.graph.write(async (tx) => {
      await ensureProjects(deps, tx.run, [project]);
      return recordContents(deps, tx.run, project, contents);
    });
    if (used.size && deps.settings.projectBytes !== null) deps.counted.add(project);
    await dropContents(
      deps,
      contents.filter(({ key }) => !used.has(key)),
    );
    return used;
  } catch (error) {
    // After any other failure nobody knows whether it was recorded: then the bytes stay.
    if (error instanceof Refusal) await dropContents(deps, contents);
    throw error;
  }
};

/**
 * Stores bytes under a key of their own while hashing them, then records the one blob of this project and content. Bytes that were there
 * already are dropped again, as are those whose digest isn't the one given (`INVALID_INPUT`).
 */
export const storeBlob = async (deps: Deps, actor: Actor, upload: Upload): Promise<StoredBlob> => {
  const project = checkProject(upload.project, "project");
  authorise(actor, "blob:write", project);
  if (upload.size !== undefined) checkSize(deps, upload.size);
  const newKey = await keysOf(deps, project);
  const content = await writeContent(deps, newKey(), upload.source, upload.size);
  const { digest, size, key } = content;
  if (upload.digest && upload.digest !== digest) {
    await deps.blobs.remove(key);
    throw invalid("digest", `the bytes have ${digest}, not ${upload.digest}`);
  }
  return { digest, size, created: (await keepContents(deps, project, [content])).has(key) };
};

const findBlob = statement<{ id: string }, StoredFile>("find-blob");

/** A content of a project by its digest; `NOT_FOUND` when the project hasn't it. */
export const findContent = async (deps: Deps, actor: Actor, project: string, digest: string): Promise<StoredFile> => {
  checkProject(project, "project");
  authorise(actor, "project:read", project);
  const [blob] = await deps.graph.read(findBlob, { id: `${project}/${checkDigest(digest, "digest")}` });
  if (!blob) throw notFound(`${digest} in project ${project}`);
  return blob;
};
