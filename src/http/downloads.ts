import "./request.ts";
import contentDisposition from "content-disposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CorruptBlobError } from "../domain/blobs/verified-read.ts";
import { invalid } from "../domain/core/errors.ts";
import { type Download, downloadContent, findDownload } from "../domain/files/downloads.ts";
import { sendProblemAs } from "./problems.ts";
import { requireProject } from "./query-params.ts";
import { isNotModified, parseRange } from "./ranges.ts";

/** What was logged may be a page with scripts: it is never run with this service's rights. */
export const inertHeaders = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
} as const;

/** `attachment` with the last segment of a path as its name, in all alphabets (RFC 6266, RFC 8187). */
export function attachment(path: string): string {
  return contentDisposition(path.split("/").at(-1) ?? path);
}

function reprDigest(digest: string): string {
  return `sha-256=:${Buffer.from(digest.slice("sha256:".length), "hex").toString("base64")}:`;
}

function sendRangeNotSatisfiable(reply: FastifyReply, size: number): FastifyReply {
  const error = invalid("Range", `there are ${size} bytes`);
  reply.header("content-range", `bytes */${size}`);
  return sendProblemAs(reply, 416, error);
}

type Range = NonNullable<ReturnType<typeof parseRange>>;

function headersOf({ digest, size, path }: Download, range: Range | undefined) {
  return {
    "content-disposition": attachment(path),
    "repr-digest": reprDigest(digest),
    "content-length": range ? range.end - range.start + 1 : size,
    ...(range && { "content-range": `bytes ${range.start}-${range.end}/${size}` }),
  };
}

/** Whether the whole was asked for, in whatever form; then it is checked. */
function isWhole({ start, end }: Range, size: number): boolean {
  return start === 0 && end === size - 1;
}

async function sendBytes(request: FastifyRequest, reply: FastifyReply, download: Download): Promise<FastifyReply> {
  const { digest, size, contentType } = download;
  const etag = `"${digest}"`;
  const always = { ...inertHeaders, etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" };
  if (isNotModified(request.headers, etag)) return reply.headers(always).code(304).send();
  const range = request.method === "GET" ? parseRange(request.headers, etag, size) : undefined;
  if (range === null) return sendRangeNotSatisfiable(reply.headers(always), size);
  const describe = () => {
    const headers = { ...always, ...headersOf(download, range) };
    return reply
      .headers(headers)
      .type(contentType)
      .code(range ? 206 : 200);
  };
  if (request.method === "HEAD") return describe().send();
  // Nothing is said of bytes before they are there. What is small may be known to be damaged by then: nothing is sent, not even that.
  try {
    const bytes = await download.read(range && !isWhole(range, size) ? range : undefined);
    if (!Buffer.isBuffer(bytes))
      bytes.once("error", (error) => error instanceof CorruptBlobError && reply.raw.destroy());
    return describe().send(bytes);
  } catch (error) {
    if (!(error instanceof CorruptBlobError)) throw error;
    reply.raw.destroy();
    return reply.hijack();
  }
}

async function redirect(reply: FastifyReply, { path, contentType, link }: Download): Promise<FastifyReply | null> {
  const address = await link({ contentType, contentDisposition: attachment(path) });
  return address ? reply.header("cache-control", "no-store").redirect(address, 307) : null;
}

/** An address as a header can hold it; what is encoded in it already stays as it is. */
function toAsciiUrl(address: string): string {
  return address.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

function wantsLink(query: unknown): boolean {
  return (query as { redirect?: unknown }).redirect === "1";
}

/**
 * Bytes down: `/blobs/<digest>` and `/versions/<ref>/files/<path>`, GET and HEAD, with ranges and conditions. With `?redirect=1` the answer
 * is a link to the store where it has links, and the bytes where it hasn't.
 */
export async function downloadRoutes(app: FastifyInstance): Promise<void> {
  const method = ["GET", "HEAD"];
  app.route<{ Params: { digest: string } }>({
    method,
    url: "/blobs/:digest",
    handler: async (request, reply) => {
      const project = requireProject(request.query);
      const download = await downloadContent(request.context, project, request.params.digest);
      return (wantsLink(request.query) && (await redirect(reply, download))) || sendBytes(request, reply, download);
    },
  });
  app.route<{ Params: { ref: string; "*": string } }>({
    method,
    url: "/versions/:ref/files/*",
    handler: async (request, reply) => {
      const found = await findDownload(request.context, request.params.ref, request.params["*"]);
      if ("location" in found) return reply.redirect(toAsciiUrl(found.location), 307);
      return (wantsLink(request.query) && (await redirect(reply, found))) || sendBytes(request, reply, found);
    },
  });
}
