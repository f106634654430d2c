import { Readable } from "node:stream";
import type { LogVersionInput } from "../../model/version.input.ts";
import type { Version } from "../../model/version.ts";
import { keepContents } from "../blobs/keep-contents.ts";
import type { RequestContext, ServiceContext } from "../core/context.ts";
import { DomainError, invalid } from "../core/errors.ts";
import { authorize } from "../core/permissions.ts";
import { validateArtifactName, validatePath, validateProjectName } from "../core/validation.ts";
import { findProjectStorage } from "../recording/storage-prefix.ts";
import { draftVersion } from "../recording/version-draft.ts";
import { logVersion } from "../versions/log-version.ts";
import { createFileWriter, type ReceivedFile } from "./form-files.ts";

/** One part of a form, in the order in which it comes; the next comes when this one is read. */
export interface FormPart {
  name: string | undefined;
  filename: string | undefined;
  source: Readable;
}

/** A version and its files in one request. */
export interface VersionForm {
  parts: AsyncIterable<FormPart>;
  /** Takes JSON for `LogVersionInput`; what doesn't fit is `INVALID_INPUT`. */
  read: (json: unknown) => LogVersionInput;
}

/** Bytes that the description of a version may have. */
const largestDescription = 8 * 2 ** 20;

async function readDescription(source: Readable): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestDescription) {
      const limit = largestDescription;
      throw new DomainError("TOO_LARGE", `version: at most ${limit} bytes of JSON`, { limit });
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw invalid("version", "JSON is wanted: the input of logVersion");
  }
}

/** Checks what can be checked of a version before its files come. */
function checkInput(context: RequestContext, input: LogVersionInput): void {
  validateProjectName(input.project, "project");
  authorize(context.actor, "version:log", input.project);
  authorize(context.actor, "blob:write", input.project);
  draftVersion(context.ports, input, input.project, "");
  if (input.name && !/[{}]/.test(input.name)) validateArtifactName(input.name, "name");
}

function pathOf({ name, filename }: FormPart, paths: Set<string>): string {
  if (name !== "file") throw invalid(name ?? "form", 'after "version" each part is a "file"');
  const field = `file[${paths.size}]`;
  if (!filename) throw invalid(field, "a filename is wanted: its relative path");
  // What isn't UTF-8 has lost characters when it comes here: the file would get a name that nobody gave it.
  if (filename.includes("\ufffd")) throw invalid(field, "a path in UTF-8 is wanted");
  const path = validatePath(filename, field);
  if (paths.has(path)) throw invalid(field, `"${path}" stands twice`);
  paths.add(path);
  return path;
}

async function receive(
  context: ServiceContext<"contentStore" | "lookups">,
  input: LogVersionInput,
  parts: AsyncIterator<FormPart>,
): Promise<ReceivedFile[]> {
  const files = createFileWriter(context, (await findProjectStorage(context, input.project)).newKey);
  const given = input.files ?? [];
  const paths = new Set(given.map(({ path }) => path));
  const limit = context.ports.settings.maxFiles;
  try {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      const path = pathOf(next.value, paths);
      if (paths.size > limit) throw new DomainError("TOO_LARGE", `files: at most ${limit} a version`, { limit });
      await files.add(path, next.value.source);
    }
    const received = await files.finish();
    draftVersion(context.ports, { ...input, files: [...given, ...received] }, input.project, "");
    return received;
  } catch (error) {
    await files.drop();
    throw error;
  }
}

/**
 * Logs a version with its files out of one form: first the part `version`, then any number of `file`, whose filenames are their paths. Bytes
 * are streamed to the store as they come; the version is logged when all are there, as by `logVersion`, or not at all.
 */
export async function postVersion(
  context: RequestContext<"contentStore" | "eventLog" | "lookups">,
  { parts, read }: VersionForm,
): Promise<{ version: Version; created: boolean }> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done || first.value.name !== "version") throw invalid("version", "wanted as the first part of the form");
    const input = read(await readDescription(first.value.source));
    checkInput(context, input);
    const received = await receive(context, input, iterator);
    const contents = received.map(({ content }) => content);
    if (contents.length) await keepContents(context, input.project, contents);
    const files = received.map(({ path, digest, size }) => ({ path, digest, size: size ?? null }));
    return await logVersion(context, { ...input, files: [...(input.files ?? []), ...files] });
  } finally {
    await iterator.return?.();
  }
}
