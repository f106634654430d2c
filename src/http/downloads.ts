import contentDisposition from "content-disposition";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import "../auth/request.ts";
import { type Download, downloadContent, findDownload } from "../domain/bytes/downloads.ts";
import { Damaged } from "../domain/bytes/verified.ts";
import type { Deps } from "../domain/deps.ts";
import { invalid } from "../domain/errors.ts";
import { sendProblemAs } from "./problems.ts";
import { projectOf } from "./query.ts";
import { hasAlready, rangeOf } from "./ranges.ts";

/** What was logged may be a page with scripts: it is never run with this service's rights. */
export const inert = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "sandbox; default-src 'none'",
} as const;

/** `attachment` with the last segment of a path as its name, in all alphabets (RFC 6266, RFC 8187). */
export const attachment = (path: string): string => contentDisposition(path.split("/").at(-1) ?? path);

const reprDigest = (digest: string): string =>
  `sha-256=:${Buffer.from(digest.slice("sha256:".length), "hex").toString("base64")}:`;

const beyondTheEnd = (reply: FastifyReply, size: number): FastifyReply => {
  const error = invalid("Range", `there are ${size} bytes`);
  reply.header("content-range", `bytes */${size}`);
  return sendProblemAs(reply, 416, error);
};

/** Whether the whole was asked for, in whatever form; then it is checked as it streams. */
const isWhole = ({ start, end }: { start: number; end: number }, size: number): boolean =>
  start === 0 && end === size - 1;

const sendBytes = async (request: FastifyRequest, reply: FastifyReply, download: Download): Promise<FastifyReply> => {
  const { digest, size, path, contentType } = download;
  const etag = `"${digest}"`;
  reply.headers({ ...inert, etag, "accept-ranges": "bytes", "cache-control": "private, no-cache" });
  if (hasAlready(request.headers, etag)) return reply.code(304).send();
  const range = request.method === "GET" ? rangeOf(request.headers, etag, size) : undefined;
  if (range === null) return beyondTheEnd(reply, size);
  reply.headers({ "content-disposition": attachment(path), "repr-digest": reprDigest(digest) }).type(contentType);
  if (range) reply.code(206).header("content-range", `bytes ${range.start}-${range.end}/${size}`);
  reply.header("content-length", range ? range.end - range.start + 1 : size);
  if (request.method === "HEAD") return reply.send();
  // What is small may be known to be damaged before anything of it was sent: nothing is, then, not even that all is well.
  try {
    const bytes = await download.read(range && !isWhole(range, size) ? range : undefined);
    if (!Buffer.isBuffer(bytes)) bytes.once("error", (error) => error instanceof Damaged && reply.raw.destroy());
    return reply.send(bytes);
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    reply.raw.destroy();
    return reply.hijack();
  }
};

const redirect = async (reply: FastifyReply, { path, contentType, link }: Download): Promise<FastifyReply | null> => {
  const address = await link({ contentType, contentDisposition: attachment(path) });
  return address ? reply.header("cache-control", "no-store").redirect(address, 307) : null;
};

/** An address as a header can hold it; what is encoded in it already stays as it is. */
const inAscii = (address: string): string => address.replace(/[^\x21-\x7e]+/g, encodeURIComponent);

const wantsLink = (query: unknown): boolean => (query as { redirect?: unknown }).redirect === "1";

/**
 * Bytes down: `/blobs/<digest>` and `/versions/<ref>/files/<path>`, GET and HEAD, with ranges and conditions. With `?redirect=1` the answer
 * is a link to the store where it has links, and the bytes where it hasn't.
 */
export const downloadRoutes = (deps: Deps) => async (app: FastifyInstance) => {
  const method = ["GET", "HEAD"];
  app.route<{ Params: { digest: string } }>({
    method,
    url: "/blobs/:digest",
    handler: async (request, reply) => {
      const project = projectOf(request.query);
      const download = await downloadContent(deps, request.actor, project, request.params.digest);
      return (wantsLink(request.query) && (await redirect(reply, download))) || sendBytes(request, reply, download);
    },
  });
  app.route<{ Params: { ref: string; "*": string } }>({
    method,
    url: "/versions/:ref/files/*",
    handler: async (request, reply) => {
      const found = await findDownload(deps, request.actor, request.params.ref, request.params["*"]);
      if ("location" in found) return reply.redirect(inAscii(found.location), 307);
      return (wantsLink(request.query) && (await redirect(reply, found))) || sendBytes(request, reply, found);
    },
  });
};
