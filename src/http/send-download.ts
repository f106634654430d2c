import contentDisposition from "content-disposition";
import type { FastifyReply, FastifyRequest } from "fastify";
import { CorruptBlobError } from "../domain/blobs/verified-read.ts";
import { invalid } from "../domain/core/errors.ts";
import type { Download } from "../domain/files/downloads.ts";
import { isRecord } from "../lib/is-record.ts";
import { answerByConditions, toValidatorHeaders } from "./conditions.ts";
import { renderProblemJson } from "./problem.ts";
import { parseRange, type Range } from "./ranges.ts";

/** What was logged may be a page with scripts: a browser must not run it with this service's rights. */
export const inertHeaders = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
} as const;

/** The header value `attachment` with the last segment of a path as file name, in all alphabets (RFC 6266, RFC 8187). */
export function toAttachment(path: string): string {
  return contentDisposition(path.split("/").at(-1) ?? path);
}

/** The header value of `Repr-Digest` (RFC 9530). */
function toReprDigest(digest: string): string {
  return `sha-256=:${Buffer.from(digest.slice("sha256:".length), "hex").toString("base64")}:`;
}

function sendRangeNotSatisfiable(reply: FastifyReply, size: number): FastifyReply {
  const { code, message, details } = invalid("Range", `begins after the end; the content has ${size} bytes`);
  const { contentType, body } = renderProblemJson({ status: 416, code, message, details });
  return reply.header("content-range", `bytes */${size}`).code(416).type(contentType).send(body);
}

function toContentHeaders({ digest, size, path }: Download, range: Range | undefined) {
  return {
    "content-disposition": toAttachment(path),
    "repr-digest": toReprDigest(digest),
    "content-length": range ? range.end - range.start + 1 : size,
    ...(range && { "content-range": `bytes ${range.start}-${range.end}/${size}` }),
  };
}

/** Whether a range is the whole content: it can then be checked against its digest. */
function isWhole({ start, end }: Range, size: number): boolean {
  return start === 0 && end === size - 1;
}

async function sendBytes(request: FastifyRequest, reply: FastifyReply, download: Download): Promise<FastifyReply> {
  const { digest, size, contentType, modifiedAt } = download;
  const etag = `"${digest}"`;
  const validators = { etag, modifiedAt };
  const always = {
    ...inertHeaders,
    ...toValidatorHeaders(validators),
    "accept-ranges": "bytes",
    "cache-control": "private, no-cache",
  };
  if (answerByConditions(request, reply, validators, always)) return reply;
  const range = request.method === "GET" ? parseRange(request.headers, etag, size) : undefined;
  if (range === null) return sendRangeNotSatisfiable(reply.headers(always), size);
  const describeContent = () =>
    reply
      .headers({ ...always, ...toContentHeaders(download, range) })
      .type(contentType)
      .code(range ? 206 : 200);
  if (request.method === "HEAD") return describeContent().send();
  // Headers are sent only once there are bytes: a small content found corrupt by then is answered with nothing at all.
  try {
    const bytes = await download.read(range && !isWhole(range, size) ? range : undefined);
    if (!Buffer.isBuffer(bytes))
      bytes.once("error", (error) => error instanceof CorruptBlobError && reply.raw.destroy());
    return describeContent().send(bytes);
  } catch (error) {
    if (!(error instanceof CorruptBlobError)) throw error;
    reply.raw.destroy();
    return reply.hijack();
  }
}

/** Redirects to the store; null when the store has no links. */
async function redirectToStore(
  reply: FastifyReply,
  { path, contentType, link }: Download,
): Promise<FastifyReply | null> {
  const url = await link({ contentType, contentDisposition: toAttachment(path) });
  return url ? reply.header("cache-control", "no-store").redirect(url, 307) : null;
}

/**
 * Answers with the bytes of a download: whole, a range, or nothing when a condition of the request says so. With `?redirect=1` it redirects to the store
 * if the store has links.
 */
export async function sendDownload(
  request: FastifyRequest,
  reply: FastifyReply,
  download: Download,
): Promise<FastifyReply> {
  const prefersLink = isRecord(request.query) && request.query.redirect === "1";
  return (prefersLink && (await redirectToStore(reply, download))) || sendBytes(request, reply, download);
}
