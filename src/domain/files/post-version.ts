import type { Readable } from "node:stream";
import { isGiven } from "../../lib/is-given.ts";
import { createValueCounter } from "../../lib/json-values.ts";
import { tagLongIntegers } from "../../lib/whole-numbers.ts";
import type { FileInput, LogVersionInput } from "../../model/version.input.ts";
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

/** One part of a form. The next part becomes available when this one has been read. */
export interface FormPart {
  name: string | undefined;
  filename: string | undefined;
  source: Readable;
}

/** A version and its files in one request. */
export interface VersionForm {
  parts: AsyncIterable<FormPart>;
  /** Converts JSON to the input of `logVersion`; throws `INVALID_INPUT` when it doesn't match. */
  read: (json: unknown) => LogVersionInput;
}

/** Maximum bytes and values of the part `version`. */
const limits = { bytes: 8 * 2 ** 20, values: 500_000 };

async function readJson(source: Readable): Promise<unknown> {
  const buffered: Buffer[] = [];
  const countValues = createValueCounter();
  let size = 0;
  const chunks: AsyncIterable<Buffer> = source;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > limits.bytes) {
      const message = `version: has more than the ${limits.bytes} bytes of JSON that are allowed`;
      throw new DomainError("TOO_LARGE", message, { limit: limits.bytes });
    }
    const values = countValues(chunk);
    if (values > limits.values) {
      const message = `version: has more than the ${limits.values} values that are allowed`;
      throw new DomainError("TOO_COMPLEX", message, { limit: limits.values, actual: values });
    }
    buffered.push(chunk);
  }
  try {
    return JSON.parse(tagLongIntegers(Buffer.concat(buffered).toString()));
  } catch {
    throw invalid("version", "must be JSON with the input of logVersion");
  }
}

/** Checks everything about a version that can be checked before its files arrive. */
function validateVersion(context: RequestContext, input: LogVersionInput): void {
  validateProjectName(input.project, "project");
  authorize(context.actor, "version:log", input.project);
  authorize(context.actor, "blob:write", input.project);
  draftVersion(context.ports, input, input.project, "");
  if (isGiven(input.name) && !/[{}]/.test(input.name)) validateArtifactName(input.name, "name");
}

/** The path of the file in a part; adds it to `paths`. */
function validateFilePart({ name, filename }: FormPart, paths: Set<string>): string {
  if (name !== "file") throw invalid(name ?? "form", 'every part after "version" must be named "file"');
  const field = `file[${paths.size}]`;
  if (!filename) throw invalid(field, "requires a filename with the relative path of the file");
  // Decoding other encodings replaces bytes by U+FFFD: the file would get a different name.
  if (filename.includes("\ufffd")) throw invalid(field, "the filename must be UTF-8");
  const path = validatePath(filename, field);
  if (paths.has(path)) throw invalid(field, `duplicate path "${path}"`);
  paths.add(path);
  return path;
}

function toFileInputs(received: ReceivedFile[]): FileInput[] {
  return received.map(({ path, content: { digest, size } }) => ({ path, digest, size }));
}

/** Writes the files of a form to the blob store, and removes them again when one of them is refused. */
async function receiveFiles(
  context: ServiceContext<"contentStore" | "lookups">,
  input: LogVersionInput,
  parts: AsyncIterator<FormPart>,
): Promise<ReceivedFile[]> {
  const { newKey } = await findProjectStorage(context, input.project);
  const writer = createFileWriter(context, newKey);
  const existing = input.files ?? [];
  const paths = new Set(existing.map(({ path }) => path));
  const limit = context.ports.settings.maxFiles;
  try {
    for (let next = await parts.next(); !next.done; next = await parts.next()) {
      const path = validateFilePart(next.value, paths);
      if (paths.size > limit)
        throw new DomainError("TOO_LARGE", `files: a version has at most ${limit} files`, { limit });
      await writer.add(path, next.value.source);
    }
    const received = await writer.finish();
    draftVersion(context.ports, { ...input, files: [...existing, ...toFileInputs(received)] }, input.project, "");
    return received;
  } catch (error) {
    await writer.discard();
    throw error;
  }
}

/**
 * Logs a version together with its files from one form: first the part `version`, then any number of parts `file`, whose filenames are the paths.
 * The files are streamed to the blob store; when all have arrived, the version is logged as by `logVersion`. If anything is refused, nothing
 * is logged.
 */
export async function postVersion(
  context: RequestContext<"contentStore" | "eventLog" | "lookups">,
  { parts, read }: VersionForm,
): Promise<{ version: Version; created: boolean }> {
  const iterator = parts[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done || first.value.name !== "version") throw invalid("version", "must be the first part of the form");
    const input = read(await readJson(first.value.source));
    validateVersion(context, input);
    const received = await receiveFiles(context, input, iterator);
    const contents = received.map(({ content }) => content);
    if (contents.length) await keepContents(context, input.project, contents);
    return await logVersion(context, { ...input, files: [...(input.files ?? []), ...toFileInputs(received)] });
  } finally {
    await iterator.return?.();
  }
}
