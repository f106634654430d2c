import { PassThrough, type Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { invalid } from "../domain/core/errors.ts";

/** Turns off parsing of bodies, so that routes read them as streams whatever their type. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, _payload, done) => done(null));
}

/** The bytes of a request's body, and their number as the client announced it. */
export function getBody(request: FastifyRequest): { source: Readable; size: number | undefined } {
  const { raw, headers } = request;
  // The store may destroy its source, but the request must live on to carry the answer.
  const source = raw.pipe(new PassThrough());
  // If an upload is refused before it is read, nothing else handles the error when the client disconnects.
  source.on("error", () => undefined);
  const failIfIncomplete = () =>
    raw.complete || source.destroy(invalid("Content-Length", "the body ended before all announced bytes arrived"));
  raw.once("error", failIfIncomplete).once("close", failIfIncomplete);
  const length = headers["content-length"];
  return { source, size: length === undefined ? undefined : Number(length) };
}
