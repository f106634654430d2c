import { createHash } from "node:crypto";
import { type Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Transaction } from "../ports/graph-store.ts";
import { statement } from "../ports/statement.ts";
import { checkDigest, checkProject } from "./checks.ts";
import type { Deps } from "./deps.ts";
import { invalid, notFound, Refusal } from "./errors.ts";
import { projectsByName, type StoredFile } from "./of.ts";
import { type Actor, authorise } from "./permissions.ts";
import { ensureProjects, fillPrefix } from "./projects.ts";

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

type BlobRow = { id: string; project: string; digest: string; size: number; key: string; now: number };
const recordBlob = statement<BlobRow, { created: boolean }>("record-blob");

const measured = (limit: number) => {
  const hash = createHash("sha256");
  let size = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) return done(tooLarge(limit));
      hash.update(chunk);
      done(null, chunk);
    },
  });
  return { through, result: () => ({ digest: `sha256:${hash.digest("hex")}`, size }) };
};

/** A file of more bytes than the service takes. */
export const tooLarge = (limit: number): Refusal =>
  new Refusal("TOO_LARGE", `a file has at most ${limit} bytes`, { limit });

const write = async (deps: Deps, key: string, { source, size }: Upload) => {
  const { through, result } = measured(deps.settings.maxFileBytes);
  const outcomes = await Promise.allSettled([pipeline(source, through), deps.blobs.write(key, through, size)]);
  const [sent, stored] = outcomes;
  // A refusal of ours comes before what the store makes of the broken stream; a store that failed before what that did to the source.
  const refused = [sent, stored].find((outcome) => outcome.status === "rejected" && outcome.reason instanceof Refusal);
  for (const outcome of [refused, stored, sent]) if (outcome?.status === "rejected") throw outcome.reason;
  return result();
};

/** Records that a project's content is stored under `key`; false when the project has it under another already. */
export const recordContent = async (
  { now }: Pick<Deps, "now">,
  run: Transaction["run"],
  content: { project: string; digest: string; size: number; key: string },
): Promise<boolean> => {
  const [row] = await run(recordBlob, { ...content, id: `${content.project}/${content.digest}`, now: now() });
  return row?.created ?? false;
};

/**
 * Stores bytes under a key of their own while hashing them, then records the one blob of this project and content. Bytes that were there
 * already are dropped again, as are those whose digest isn't the one given (`INVALID_INPUT`).
 */
export const storeBlob = async (deps: Deps, actor: Actor, upload: Upload): Promise<StoredBlob> => {
  const project = checkProject(upload.project, "project");
  authorise(actor, "blob:write", project);
  const { maxFileBytes } = deps.settings;
  if (upload.size !== undefined && upload.size > maxFileBytes) throw tooLarge(maxFileBytes);
  const [known] = await projectsByName(deps, [project]);
  const key = `${fillPrefix(known?.settings.storagePrefix ?? deps.settings.storagePrefix, project)}${deps.newId()}`;
  const { digest, size } = await write(deps, key, upload);
  if (upload.digest && upload.digest !== digest) {
    await deps.blobs.remove(key);
    throw invalid("digest", `the bytes have ${digest}, not ${upload.digest}`);
  }
  const created = await deps.graph.write(async (tx) => {
    await ensureProjects(deps, tx.run, [project]);
    return recordContent(deps, tx.run, { project, digest, size, key });
  });
  if (!created) await deps.blobs.remove(key);
  return { digest, size, created };
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
