import type { Readable } from "node:stream";

/** A part of an object's bytes, both ends included, as in an HTTP Range. What lies beyond the object's end is left out. */
export interface ByteRange {
  start: number;
  end: number;
}

/** An object that is being written in parts: its key, the store's own id of the writing, and the bytes of each part but the last. */
export interface MultipartWrite {
  key: string;
  writeId: string;
  partSize: number;
}

/** A part that the store holds; `number` from 1, `etag` as the store names its content, without quotes. */
export interface StoredPart {
  number: number;
  size: number;
  etag: string;
}

/** Objects written in parts: in any order, several at once, over days and restarts. Nothing is visible until `complete`. */
export interface MultipartWrites {
  /** Begins; resolves with the store's own id of the writing. */
  begin(key: string): Promise<string>;
  /** Where a part is sent straight to the store with a plain PUT, for 24 hours; null where parts come through `write`. */
  link(write: MultipartWrite, number: number): Promise<string | null>;
  /** Writes one part, streamed, in place of what it held; resolves with its etag. A later one of the same part may cut this one off with `Superseded`. Another number of bytes than `size` rejects with `WrongSize`. */
  write(write: MultipartWrite, number: number, source: Readable, size: number): Promise<string>;
  /** What is there, by number. Rejects with `BlobMissing` when the writing is gone. */
  list(write: MultipartWrite): Promise<StoredPart[]>;
  /** Makes the object visible, from these parts in this order. Fine when that was done before; `BlobMissing` when the writing is gone. */
  complete(write: MultipartWrite, parts: readonly StoredPart[]): Promise<void>;
  /** Drops the parts; fine when they are gone, and after `complete`, which this doesn't undo. */
  abort(write: MultipartWrite): Promise<void>;
}

/** An object in the store, and when it was written (milliseconds since 1970). */
export interface StoredObject {
  key: string;
  at: number;
}

/** What a link answers with besides the bytes, as in the HTTP headers of these names. */
export interface LinkHeaders {
  contentType: string;
  contentDisposition: string;
}

/**
 * Where the bytes are. Keys are chosen by the domain, never by a caller, and never used twice: see `assertBlobKey`.
 * Every method rejects with `Unavailable`, within 5 seconds, when the store can't be reached or refuses the service's keys,
 * and works again once the store does.
 */
export interface BlobStore {
  /**
   * Writes one object, streamed with flat memory; once this resolves it outlives a crash. It is there whole or not at all: when `source` fails,
   * this rejects with its error and nothing becomes visible. `source` is read to its end, or destroyed.
   * `size` in bytes where the caller knows it; another number of bytes rejects with `WrongSize`. A key that exists is replaced as a whole.
   */
  write(key: string, source: Readable, size?: number): Promise<void>;
  /**
   * The object's bytes, streamed; with `range` only these. Rejects with `BlobMissing` when there is none, and with `RangeError` when the range
   * starts at or beyond the object's end. A store that fails later destroys the stream with an error; it never just ends early.
   */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** An address that gives the object's bytes to whoever has it, for so many seconds; null when the store has none of its own. */
  link(key: string, seconds: number, headers: LinkHeaders): Promise<string | null>;
  /** Removes an object; one that isn't there is fine. */
  remove(key: string): Promise<void>;
  /** All objects, in no order; those written or removed meanwhile may be among them or not. */
  list(): AsyncIterable<StoredObject>;
  /** Large objects, part by part. */
  readonly parts: MultipartWrites;
  /** Resolves when the store answers and can be written to. Leaves nothing behind. */
  check(): Promise<void>;
  /** Lets go of connections. The store is not used afterwards. */
  close(): Promise<void>;
}

/** The key has no object in the store. */
export class BlobMissing extends Error {}

/** For `catch`: what is missing counts as this; any other error stays itself. */
export function ifMissing<T>(instead: T) {
  return (error: unknown): T => {
    if (error instanceof BlobMissing) return instead;
    throw error;
  };
}

/** The source had more or fewer bytes than was said. */
export class WrongSize extends Error {}

/** A part was being sent twice at once; this sending was cut off for the later one. */
export class Superseded extends Error {}

/** Whether a text is a key: `/`-separated segments of letters, digits, `.`, `_` and `-`, none of them `.` or `..`. */
export function isBlobKey(text: string): boolean {
  return text.split("/").every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && segment !== "." && segment !== "..");
}

/** Throws unless `key` is one. */
export function assertBlobKey(key: string): void {
  if (!isBlobKey(key)) throw new TypeError(`not a blob key: ${JSON.stringify(key)}`);
}
