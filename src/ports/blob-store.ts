import type { Readable } from "node:stream";

/** A range of an object's bytes, both ends included, as in an HTTP Range. Bytes beyond the object's end are left out. */
export interface ByteRange {
  start: number;
  end: number;
}

/** A multipart write in progress: the object's key, the store's own id of the write, and the bytes of each part but the last. */
export interface MultipartWrite {
  key: string;
  writeId: string;
  partSize: number;
}

/** A part that the store holds; `number` counts from 1, `etag` is the store's name of its content, without quotes. */
export interface StoredPart {
  number: number;
  size: number;
  etag: string;
}

/** Objects written in parts: in any order, concurrently, over days and restarts. Nothing is visible until `complete`. */
export interface MultipartWrites {
  /** Begins a write; resolves with the store's own id of it. */
  begin(key: string): Promise<string>;
  /** The URL to which a client may send a part directly with a plain PUT, for 24 hours; null when parts must go through `write`. */
  link(write: MultipartWrite, number: number): Promise<string | null>;
  /**
   * Writes one part, streamed, replacing what it held; resolves with its etag. Rejects with `WrongSize` when the source doesn't have exactly `size`
   * bytes, and may reject with `Superseded` when the same part is sent again meanwhile.
   */
  write(write: MultipartWrite, number: number, source: Readable, size: number): Promise<string>;
  /** The stored parts, by number. Rejects with `BlobMissing` when the write no longer exists. */
  list(write: MultipartWrite): Promise<StoredPart[]>;
  /** Makes the object visible, from these parts in this order. Idempotent; rejects with `BlobMissing` when neither write nor object exists. */
  complete(write: MultipartWrite, parts: readonly StoredPart[]): Promise<void>;
  /** Drops the parts. Does nothing when they no longer exist or the write is complete. */
  abort(write: MultipartWrite): Promise<void>;
}

/** An object in the store, and when it was written (milliseconds since 1970). */
export interface StoredObject {
  key: string;
  at: number;
}

/** The HTTP headers of these names that a link's response has. */
export interface LinkHeaders {
  contentType: string;
  contentDisposition: string;
}

/**
 * Stores bytes by key. Keys are chosen by the domain, never by a caller, and never reused: see `assertBlobKey`. Every method rejects with
 * `Unavailable`, within 5 seconds, when the store can't be reached or refuses the service's credentials, and works again once the store does.
 */
export interface BlobStore {
  /**
   * Writes one object, streamed with flat memory, replacing an existing one; once this resolves it outlives a crash. The object is written whole or
   * not at all: when `source` fails, this rejects with its error and nothing becomes visible. `source` is read to its end or destroyed. Rejects with
   * `WrongSize` when `size` (bytes) is given and the source has another number of bytes.
   */
  write(key: string, source: Readable, size?: number): Promise<void>;
  /**
   * The object's bytes, streamed; with `range` only these. Rejects with `BlobMissing` when there is no such object, and with `RangeError` when the
   * range starts at or beyond its end. When the store fails later, the stream is destroyed with an error; it never just ends early.
   */
  read(key: string, range?: ByteRange): Promise<Readable>;
  /** A URL at which anyone who has it can read the object for so many seconds; null when the store has no URLs. */
  link(key: string, seconds: number, headers: LinkHeaders): Promise<string | null>;
  /** Removes an object, if it exists. */
  remove(key: string): Promise<void>;
  /** All objects in no particular order; those written or removed meanwhile may or may not be included. */
  list(): AsyncIterable<StoredObject>;
  /** Writes of large objects, part by part. */
  readonly parts: MultipartWrites;
  /** Resolves when the store answers and can be written to. Leaves nothing behind. */
  check(): Promise<void>;
  /** Closes connections. The store can't be used afterwards. */
  close(): Promise<void>;
}

/** The store has no object of this key. */
export class BlobMissing extends Error {}

/** For `catch`: turns `BlobMissing` into `fallback`; other errors are thrown again. */
export function ifMissing<T>(fallback: T) {
  return (error: unknown): T => {
    if (error instanceof BlobMissing) return fallback;
    throw error;
  };
}

/** The source had more or fewer bytes than announced. */
export class WrongSize extends Error {}

/** The same part was sent again while this one was being written. */
export class Superseded extends Error {}

/** Whether a text is a key: `/`-separated segments of letters, digits, `.`, `_` and `-`, none of them `.` or `..`. */
export function isBlobKey(text: string): boolean {
  return text.split("/").every((segment) => /^[A-Za-z0-9._-]+$/.test(segment) && segment !== "." && segment !== "..");
}

/** Throws `TypeError` unless `key` is a key (see `isBlobKey`). */
export function assertBlobKey(key: string): void {
  if (!isBlobKey(key)) throw new TypeError(`not a blob key: ${JSON.stringify(key)}`);
}
