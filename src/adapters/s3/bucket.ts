import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { Client } from "minio";
import { BlobMissing } from "../../ports/blob-store.ts";
import { Unavailable } from "../../ports/unavailable.ts";
import { type Body, createRequester } from "./request.ts";
import { findText } from "./xml.ts";

/** Where the objects are. `endpoint` is a URL without a path. */
export interface S3Settings {
  endpoint: string;
  region: string;
  accessKey: string;
  secretKey: string;
  bucket: string;
  /** Goes before every key, separated by `/`. */
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
  /** The beginning of every object's name: empty, or ending in `/`. */
  readonly prefix: string;
  /**
   * Resolves with a response in the 200s, its body unread. Rejects with `BlobMissing` when the object doesn't exist, `RangeError` when a range starts
   * beyond it, the error of the request's body when that fails, and `Unavailable` for everything else.
   */
  call(call: BucketCall): Promise<IncomingMessage>;
  /** A URL with which anyone may make this one request, for so many seconds. */
  link(call: Pick<BucketCall, "method" | "key" | "query">, seconds: number): Promise<string>;
  /** Resolves when the bucket exists, creating it if need be; asks the store only once while it stays available. */
  ready(): Promise<void>;
  close(): void;
}

/** How long the signature of our own requests is valid. */
const requestSeconds = 3_600;

/** The MinIO client only signs. Bytes go over our own connections, because its transfers hold whole parts in memory. */
export function openBucket({ endpoint, bucket, prefix, ...keys }: S3Settings): Bucket {
  const { protocol, hostname, port } = new URL(endpoint);
  const signer = new Client({
    ...keys,
    endPoint: hostname,
    useSSL: protocol === "https:",
    ...(port && { port: Number(port) }),
  });
  const requester = createRequester(protocol);
  const namePrefix = prefix ? `${prefix}/` : "";
  const link: Bucket["link"] = ({ method, key, query }, seconds) => {
    const name = key === undefined ? "" : `${namePrefix}${key}`;
    return signer.presignedUrl(method, bucket, name, seconds, query);
  };
  const send = async (call: BucketCall) => requester.send({ ...call, url: new URL(await link(call, requestSeconds)) });
  const creation = onceUntilForgotten(() => createIfMissing(send, keys.region));
  return {
    async call(call) {
      const response = await send(call);
      if (isSuccess(response)) return response;
      const error = await toError(response);
      if (error instanceof Unavailable) creation.forget();
      throw error;
    },
    prefix: namePrefix,
    link,
    ready: creation.run,
    close: requester.close,
  };
}

/** The whole body of a small response. Rejects with `Unavailable` when it breaks off. */
export async function readText(response: IncomingMessage): Promise<string> {
  try {
    return await text(response);
  } catch (error) {
    throw new Unavailable("blobs", error);
  }
}

/** Bodies up to this size are sent at once from memory; larger ones only when the store has asked for them. */
export const maxInlineBytes = 65_536;

/** A request body of chunks in memory. */
export function toBody(chunks: readonly Uint8Array[]): Body {
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  const isSmall = length <= maxInlineBytes;
  return isSmall ? Buffer.concat(chunks) : { bytes: Readable.from(chunks, { objectMode: false }), length };
}

function isSuccess({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 200 && statusCode < 300;
}

async function toError(response: IncomingMessage): Promise<Error> {
  const { statusCode } = response;
  const code = findText(await readText(response), "Code");
  if (code === "NoSuchKey" || code === "NoSuchUpload" || (statusCode === 404 && !code)) return new BlobMissing();
  if (statusCode === 416) return new RangeError("the range starts beyond the object's end");
  return new Unavailable("blobs", new Error(`the store responded with ${statusCode} ${code ?? ""}`));
}

type Send = (call: BucketCall) => Promise<IncomingMessage>;

/** Credentials that may not look at the bucket may still write to it, so it is created only after a plain 404. */
async function createIfMissing(send: Send, region: string): Promise<void> {
  const found = await send({ method: "HEAD" });
  found.resume();
  if (found.statusCode !== 404) return;
  const location = `<CreateBucketConfiguration><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`;
  const body = toBody(region === "us-east-1" ? [] : [Buffer.from(location)]); // S3's oldest region must not be named
  const created = await send({ method: "PUT", body });
  if (isSuccess(created) || created.statusCode === 409)
    created.resume(); // 409: another replica was first
  else throw await toError(created);
}

/** Runs `work` once and remembers its success until `forget`; a failure is not remembered. */
function onceUntilForgotten(work: () => Promise<void>): { run: () => Promise<void>; forget: () => void } {
  let done: Promise<void> | undefined;
  const forget = () => {
    done = undefined;
  };
  const run = () => {
    done ??= work().catch((error: unknown) => {
      forget();
      throw error;
    });
    return done;
  };
  return { run, forget };
}
