import { once } from "node:events";
import { addAbortSignal, PassThrough, Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { pack as tarPack } from "tar-stream";
import { ZipFile } from "yazl";
import type { Version } from "../../model/version.ts";
import { readVerified, readWhole } from "../blobs/verified-read.ts";
import type { Ports, RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { findFiles } from "../query/fields.ts";
import { findVersion } from "../references/find-version.ts";
import { assertNotDeleted } from "./assert-not-deleted.ts";

/** The files of a version, or of one directory of it, in one. */
export interface Archive {
  /** Of the file that it makes. */
  name: string;
  /** Begins to read; each file was checked before its last byte is given, and one that isn't as it was logged breaks the whole off. */
  open(): Readable;
}

export type ArchiveFormat = "zip" | "tar";

/** Files up to so many bytes are read ahead of their turn, as many at once. */
const readAheadBytes = 1_048_576;
const ahead = 16;

interface Entry extends StoredFile {
  /** Relative to what is archived. */
  name: string;
}

/** Opens entries in their order, while those that come next, unless they are large, are already being read: these are given whole. */
function inOrder(context: ServiceContext<"contentStore">, entries: Entry[]) {
  const begun = new Map<Entry, Promise<Buffer>>();
  const readAhead = (from: number): void => {
    for (const entry of entries.slice(from, from + ahead)) {
      if (entry.size > readAheadBytes || begun.has(entry)) continue;
      const reading = readWhole(context, entry);
      reading.catch(() => undefined); // whoever takes it is told
      begun.set(entry, reading);
    }
  };
  return (entry: Entry, position: number): Promise<Buffer | Readable> => {
    readAhead(position);
    const reading = begun.get(entry);
    begun.delete(entry);
    return reading ?? readVerified(context, entry);
  };
}

type Open = ReturnType<typeof inOrder>;

/** Adds entries one by one, no faster than they are taken, until all are in or nobody takes them any more. */
async function fillZip(zip: ZipFile, output: PassThrough, open: Open, entries: Entry[], at: Date): Promise<void> {
  const gone = new AbortController();
  const { signal } = gone;
  output.once("close", () => gone.abort());
  const options = { mtime: at, mode: 0o100_644, compress: false };
  for (const [i, entry] of entries.entries()) {
    signal.throwIfAborted();
    const bytes = await open(entry, i);
    if (Buffer.isBuffer(bytes)) zip.addBuffer(bytes, entry.name, options);
    else {
      addAbortSignal(signal, bytes);
      zip.addReadStream(bytes, entry.name, { ...options, size: entry.size });
      await finished(bytes);
    }
    if (output.writableNeedDrain) await once(output, "drain", { signal });
  }
  zip.end();
}

function openZip(open: Open, entries: Entry[], at: Date): Readable {
  const zip = new ZipFile();
  const { outputStream: output } = zip;
  if (!(output instanceof PassThrough)) throw new TypeError("a zip is written through");
  const fail = (error: Error) => output.destroy(error);
  zip.on("error", fail);
  fillZip(zip, output, open, entries, at).catch(fail);
  return output;
}

function openTar(open: Open, entries: Entry[], at: Date): Readable {
  const tar = tarPack();
  const fill = async () => {
    for (const [i, entry] of entries.entries()) {
      const header = { name: entry.name, size: entry.size, mtime: at, mode: 0o644 };
      await pipeline(toStream(await open(entry, i)), tar.entry(header));
    }
    tar.finalize();
  };
  fill().catch((error: Error) => tar.destroy(error));
  return Readable.from(tar, { objectMode: false });
}

function toStream(bytes: Buffer | Readable): Readable {
  return Buffer.isBuffer(bytes) ? Readable.from([bytes], { objectMode: false }) : bytes;
}

async function entriesOf(ports: Pick<Ports, "graph">, version: Version, path: string | undefined): Promise<Entry[]> {
  const [files = []] = await findFiles(ports, [version.id]);
  if (path === undefined) return files.map((file) => ({ ...file, name: file.path }));
  const inside = `${validatePath(path.replace(/\/$/, ""), "path")}/`;
  const entries = files
    .filter((file) => file.path.startsWith(inside))
    .map((file) => ({ ...file, name: file.path.slice(inside.length) }));
  if (!entries.length) throw notFound(`${version.uri} has no directory "${path}"`);
  return entries;
}

/** The archive's own name: that of the directory, or of the artifact, with the number. */
function nameOf(version: Version, path: string | undefined, form: ArchiveFormat): string {
  const last = (path ?? version.artifactName).replace(/\/$/, "").split("/").at(-1);
  return `${last}-${version.number}.${form}`;
}

/**
 * The files of a version, or with `path` of one directory of it, whose names are then relative to that. `NOT_FOUND` when there is no such
 * directory, `GONE` when the version was deleted, `INVALID_INPUT` when its bytes stay elsewhere.
 */
export async function findArchive(
  context: RequestContext<"contentStore" | "lookups">,
  ref: string,
  form: ArchiveFormat,
  path: string | undefined,
): Promise<Archive> {
  const version = await findVersion(context, ref);
  assertNotDeleted(version);
  if (version.location) throw invalid("ref", `${version.uri} has no files here: its bytes stay at ${version.location}`);
  const entries = await entriesOf(context.ports, version, path);
  const at = new Date(version.createdAt);
  const name = nameOf(version, path, form);
  return { name, open: () => (form === "zip" ? openZip : openTar)(inOrder(context, entries), entries, at) };
}
