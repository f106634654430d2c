import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { pack as tarPack } from "tar-stream";
import { ZipFile } from "yazl";
import type { Version } from "../../model/version.ts";
import { checkPath } from "../checks.ts";
import type { Deps } from "../deps.ts";
import { invalid, notFound } from "../errors.ts";
import { filesOf, type StoredFile } from "../lists/attached.ts";
import type { Actor } from "../permissions.ts";
import { findVersion } from "../versions/resolve.ts";
import { checkThere } from "./downloads.ts";
import { readVerified } from "./verified.ts";

/** The files of a version, or of one directory of it, in one. */
export interface Archive {
  /** Of the file that it makes. */
  name: string;
  /** Begins to read; each file is checked as it streams, and one that isn't as it was logged breaks the whole off. */
  open(): Readable;
}

export type ArchiveForm = "zip" | "tar";

/** Files up to so many bytes are read ahead of their turn, as many at once. */
const small = 1_048_576;
const ahead = 16;

interface Entry extends StoredFile {
  /** Relative to what is archived. */
  name: string;
}

/** Opens entries in their order, while small ones that come next are already being read. */
const inOrder = (deps: Deps, entries: Entry[]) => {
  const begun = new Map<Entry, Promise<Buffer>>();
  const readAhead = (from: number): void => {
    for (const entry of entries.slice(from, from + ahead)) {
      if (entry.size > small || begun.has(entry)) continue;
      const reading = readVerified(deps, entry).then(buffer);
      reading.catch(() => undefined); // whoever takes it is told
      begun.set(entry, reading);
    }
  };
  return async (entry: Entry, position: number): Promise<Readable> => {
    readAhead(position);
    const reading = begun.get(entry);
    begun.delete(entry);
    if (!reading) return readVerified(deps, entry);
    return Readable.from([await reading], { objectMode: false });
  };
};

const openZip = (deps: Deps, entries: Entry[], at: Date): Readable => {
  const zip = new ZipFile();
  const open = inOrder(deps, entries);
  const output = new Readable().wrap(zip.outputStream);
  const current: { source?: Readable } = {};
  const fail = (error: Error) => output.destroy(error);
  zip.on("error", fail);
  entries.forEach((entry, i) => {
    const options = { size: entry.size, mtime: at, mode: 0o100_644, compress: false };
    zip.addReadStreamLazy(entry.name, options, (give) => {
      if (output.destroyed) return;
      open(entry, i).then((source) => {
        current.source = source;
        source.once("error", fail);
        give(null, source);
      }, fail);
    });
  });
  output.once("close", () => current.source?.destroy());
  zip.end();
  return output;
};

const openTar = (deps: Deps, entries: Entry[], at: Date): Readable => {
  const tar = tarPack();
  const open = inOrder(deps, entries);
  const fill = async () => {
    for (const [i, entry] of entries.entries()) {
      const source = await open(entry, i);
      await pipeline(source, tar.entry({ name: entry.name, size: entry.size, mtime: at, mode: 0o644 }));
    }
    tar.finalize();
  };
  fill().catch((error: Error) => tar.destroy(error));
  return Readable.from(tar, { objectMode: false });
};

const entriesOf = async (deps: Deps, version: Version, path: string | undefined): Promise<Entry[]> => {
  const [files = []] = await filesOf(deps, [version.id]);
  if (path === undefined) return files.map((file) => ({ ...file, name: file.path }));
  const inside = `${checkPath(path.replace(/\/$/, ""), "path")}/`;
  const entries = files
    .filter((file) => file.path.startsWith(inside))
    .map((file) => ({ ...file, name: file.path.slice(inside.length) }));
  if (!entries.length) throw notFound(`${version.uri} has no directory ${path}: it`);
  return entries;
};

/** The archive's own name: that of the directory, or of the artifact, with the number. */
const nameOf = (version: Version, path: string | undefined, form: ArchiveForm): string => {
  const last = (path ?? version.artifactName).replace(/\/$/, "").split("/").at(-1);
  return `${last}-${version.number}.${form}`;
};

/**
 * The files of a version, or with `path` of one directory of it, whose names are then relative to that. `NOT_FOUND` when there is no such
 * directory, `GONE` when the version was deleted, `INVALID_INPUT` when its bytes stay elsewhere.
 */
export const findArchive = async (
  deps: Deps,
  actor: Actor,
  ref: string,
  form: ArchiveForm,
  path: string | undefined,
): Promise<Archive> => {
  const version = await findVersion(deps, actor, ref);
  checkThere(version);
  if (version.location) throw invalid("ref", `${version.uri} has no files here: its bytes stay at ${version.location}`);
  const entries = await entriesOf(deps, version, path);
  const at = new Date(version.createdAt);
  const name = nameOf(version, path, form);
  return { name, open: () => (form === "zip" ? openZip : openTar)(deps, entries, at) };
};
