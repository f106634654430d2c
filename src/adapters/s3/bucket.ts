import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Client } from "minio";
import { BlobMissing } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { type Body, sender } from "./request.ts";
import { textOf } from "./xml.ts";

/** Where the objects are. `endpoint` is a URL without a path. */
export interface S3Settings {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  /** Put before every key, with a `/` between. */
  prefix?: string;
}

/** A request on the bucket, or with `key` on an object in it. */
export interface BucketCall {
  method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  key?: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: Body;
}

/** Signed requests on one bucket. */
export interface Bucket {
  /** What every object's name begins with, empty or ending in `/`. */
  readonly prefix: string;
  /**
   * Resolves with an answer in the 200s, its body unread. Rejects with `BlobMissing` for an object that isn't there, `RangeError` for a range
   * beyond it, the body's own error when that fails, and `Unavailable` for everything else.
   */
  call(call: BucketCall): Promise<IncomingMessage>;
  /** A URL with which anybody may make this one request, for so many seconds. */
  link(call: Pick<BucketCall, "method" | "key" | "query">, seconds: number): Promise<string>;
  /** Resolves when the bucket is there, made if need be; asks only once while all goes well. */
  ready(): Promise<void>;
  close(): void;
}

/** `client` signs; bytes go over connections of our own, as its own ways of moving them hold whole parts in memory. */
export function openBucket({ endpoint, bucket, prefix, ...keys }: S3Settings): Bucket {
  const { protocol, hostname, port } = new URL(endpoint);
  const client = new Client({
    ...keys,
    endPoint: hostname,
    useSSL: protocol === "https:",
    ...(port && { port: Number(port) }),
  });
  const connections = sender(protocol);
  const before = prefix ? `${prefix}/` : "";
  const link: Bucket["link"] = ({ method, key, query }, seconds) => {
    const name = key === undefined ? "" : `${before}${key}`;
    return client.presignedUrl(method, bucket, name, seconds, query);
  };
  const send = async (call: BucketCall) => connections.send({ ...call, url: new URL(await link(call, 3_600)) });
  const existence = once(() => makeIfMissing(send, keys.region));
  return {
    async call(call) {
      const answer = await send(call);
      if (isFine(answer)) return answer;
      const error = await errorOf(answer);
      if (error instanceof Unavailable) existence.forget();
      throw error;
    },
    prefix: before,
    link,
    ready: existence.get,
    close: connections.close,
  };
}

/** The whole of an answer's body, for what is small. */
export async function read(answer: IncomingMessage): Promise<string> {
  try {
    return await text(answer);
  } catch (error) {
    throw new Unavailable("blobs", error);
  }
}

/** Bytes of a body that are sent from memory, without asking the store first. */
export const modest = 65_536;

/** A body that is in memory. */
export function bodyOf(chunks: readonly Uint8Array[]): Body {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  return length <= modest ? Buffer.concat(chunks) : { bytes: Readable.from(chunks, { objectMode: false }), length };
}

function isFine({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function errorOf(answer: IncomingMessage): Promise<Error> {
  const code = textOf(await read(answer), "Code");
  if (code === "NoSuchKey" || code === "NoSuchUpload" || (answer.statusCode === 404 && !code)) return new BlobMissing();
  if (answer.statusCode === 416) return new RangeError("the range starts beyond the object's end");
  return new Unavailable("blobs", new Error(`the store answered ${answer.statusCode} ${code ?? ""}`));
}

type Send = (call: BucketCall) => Promise<IncomingMessage>;

/** Keys that may not look at the bucket may still write to it: only a plain "not there" makes one. */
async function makeIfMissing(send: Send, region: string): Promise<void> {
  const found = await send({ method: "HEAD" });
  found.resume();
  if (found.statusCode !== 404) return;
  const location = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const body = bodyOf(region === "us-east-1" ? [] : [Buffer.from(location)]); // S3's oldest region must not be named
  const made = await send({ method: "PUT", body });
  if (isFine(made) || made.statusCode === 409)
    made.resume(); // 409: another replica was first
  else throw await errorOf(made);
}

function once(work: () => Promise<void>): { get: () => Promise<void>; forget: () => void } {
  let done: Promise<void> | undefined;
  const forget = () => {
    done = undefined;
  };
  const get = () => {
    done ??= work().catch((error: unknown) => {
      forget();
      throw error;
    });
    return done;
  };
  return { get, forget };
}
