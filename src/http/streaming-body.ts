import { PassThrough, type Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalid } from "../domain/core/errors.ts";

/** Bodies are streamed, whatever their type. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
}

/** A request's bytes, and how many are to come, when it says so. */
export function getBody(request: FastifyRequest): { source: Readable; size: number | undefined } {
  const { raw, headers } = request;
  // The store may break off its source; the request itself must live on to carry the answer.
  const source = raw.pipe(new PassThrough());
  // An upload that is refused before it is read has nobody else to hear of it when the client then goes away.
  source.on("error", () => undefined);
  const early = () => raw.complete || source.destroy(invalid("Content-Length", "the body ended early"));
  raw.once("error", early).once("close", early);
  const length = headers["content-length"];
  return { source, size: length === undefined ? undefined : Number(length) };
}
