import type { FastifyInstance } from "fastify";
import "./request.ts";
import { postVersion, type VersionForm } from "../domain/files/post-version.ts";
import { parseMultipart } from "./multipart.ts";
import { getBody, streamBodies } from "./streaming-body.ts";

/** Takes JSON for `LogVersionInput`. */
export type ReadVersionInput = VersionForm["read"];

/** `POST /versions`: a version and its files in one form. Answers 201, with `created: false` when it was there already. */
export function postVersionRoutes(read: ReadVersionInput) {
  return async (app: FastifyInstance) => {
    streamBodies(app);
    app.post("/versions", { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
      const parts = parseMultipart(request.headers, getBody(request).source);
      const { version, created } = await postVersion(request.context, { parts, read });
      const { id, uri, number, digest } = version;
      return reply.code(201).send({ id, uri, number, digest: digest ?? null, created });
    });
  };
}
