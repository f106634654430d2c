import { once } from "node:events";
import { addAbortSignal, PassThrough, Readable } from "node:stream";
import { finished, pipeline } from "node:stream/promises";
import { pack as createTar } from "tar-stream";
import { ZipFile } from "yazl";
import { contentHash } from "../../lib/canonical-json.ts";
import type { Version } from "../../model/version.ts";
import { readVerified, readWhole } from "../blobs/verified-read.ts";
import type { Ports, RequestContext, ServiceContext } from "../core/context.ts";
import type { StoredFile } from "../core/digest.ts";
import { invalid, notFound } from "../core/errors.ts";
import { validatePath } from "../core/validation.ts";
import { findFiles } from "../query/fields.ts";
import { findVersion } from "../references/find-version.ts";
import { assertNotDeleted } from "./assert-not-deleted.ts";
import { getModifiedAt } from "./modified-at.ts";

/** All files of a version, or of one of its directories, as a single download. */
export interface Archive {
  /** The file name of the archive. */
  name: string;
  /** A digest of what the archive is made of: equal ones have equal bytes. */
  digest: string;
  /** See `Download`. */
  modifiedAt: number | null;
  /** Starts reading. Each file is verified before its last byte is sent; a corrupt one makes the stream fail. */
  open(): Readable;
}

export type ArchiveFormat = "zip" | "tar";

/** Files up to this size are read ahead. */
const maxReadAheadBytes = 1_048_576;
/** Maximum number of files that are read ahead. */
const maxReadAhead = 16;

interface Entry extends StoredFile {
  /** The name in the archive, relative to the archived directory. */
  name: string;
}

type OpenEntry = (entry: Entry, position: number) => Promise<Buffer | Readable>;

/** Creates a function that opens entries in their order, and meanwhile reads the small ones among the next entries into memory. */
function createReader(context: ServiceContext<"contentStore">, entries: Entry[]): OpenEntry {
  const started = new Map<Entry, Promise<Buffer>>();
  const readAhead = (position: number): void => {
    for (const entry of entries.slice(position, position + maxReadAhead)) {
      if (entry.size > maxReadAheadBytes || started.has(entry)) continue;
      const reading = readWhole(context, entry);
      reading.catch(() => undefined); // rejects again when the entry is opened
      started.set(entry, reading);
    }
  };
  return (entry, position) => {
    readAhead(position);
    const reading = started.get(entry);
    started.delete(entry);
    return reading ?? readVerified(context, entry);
  };
}

/** Adds entries one by one, no faster than the output is read, until all are added or the output is closed. */
async function fillZip(
  zip: ZipFile,
  output: PassThrough,
  open: OpenEntry,
  entries: Entry[],
  mtime: Date,
): Promise<void> {
  const closed = new AbortController();
  const { signal } = closed;
  output.once("close", () => closed.abort());
  const options = { mtime, mode: 0o100_644, compress: false };
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

function openZip(open: OpenEntry, entries: Entry[], mtime: Date): Readable {
  const zip = new ZipFile();
  const { outputStream: output } = zip;
  if (!(output instanceof PassThrough)) throw new TypeError("yazl's output stream must be a PassThrough");
  const fail = (error: Error) => output.destroy(error);
  zip.on("error", fail);
  fillZip(zip, output, open, entries, mtime).catch(fail);
  return output;
}

function openTar(open: OpenEntry, entries: Entry[], mtime: Date): Readable {
  const tar = createTar();
  const fill = async () => {
    for (const [i, entry] of entries.entries()) {
      const header = { name: entry.name, size: entry.size, mtime, mode: 0o644 };
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

/** The files to archive: all of a version, or those in the directory `path`. */
async function findEntries(ports: Pick<Ports, "graph">, version: Version, path: string | undefined): Promise<Entry[]> {
  const [files = []] = await findFiles(ports, [version.id]);
  if (path === undefined) return files.map((file) => ({ ...file, name: file.path }));
  const prefix = `${validatePath(path.replace(/\/$/, ""), "path")}/`;
  const entries = files
    .filter((file) => file.path.startsWith(prefix))
    .map((file) => ({ ...file, name: file.path.slice(prefix.length) }));
  if (!entries.length) throw notFound(`version ${version.uri} has no directory "${path}"`);
  return entries;
}

/** The name of the directory or artifact, with the number of the version. */
function getArchiveName(version: Version, path: string | undefined, format: ArchiveFormat): string {
  const last = (path ?? version.artifactName).replace(/\/$/, "").split("/").at(-1);
  return `${last}-${version.number}.${format}`;
}

/**
 * An archive of the files of a version, or of its directory `path`, with names relative to that. Throws `NOT_FOUND` for an unknown version or
 * directory, `GONE` for a version that has been deleted, and `INVALID_INPUT` for one whose bytes are at an external location.
 */
export async function findArchive(
  context: RequestContext<"contentStore" | "lookups">,
  ref: string,
  format: ArchiveFormat,
  path: string | undefined,
): Promise<Archive> {
  const version = await findVersion(context, ref);
  assertNotDeleted(version);
  if (version.location) {
    const problem = `version ${version.uri} has no files to archive; its bytes are at ${version.location}`;
    throw invalid("ref", problem);
  }
  const entries = await findEntries(context.ports, version, path);
  const mtime = new Date(version.createdAt);
  const open = format === "zip" ? openZip : openTar;
  return {
    name: getArchiveName(version, path, format),
    digest: contentHash([format, mtime, entries.map(({ name, digest }) => [name, digest])]),
    modifiedAt: getModifiedAt(ref, version),
    open: () => open(createReader(context, entries), entries, mtime),
  };
}
