import type { FastifyInstance } from "fastify";
import { postVersion, type VersionForm } from "../../domain/files/post-version.ts";
import { getBody, streamBodies } from "../streaming-body.ts";
import { parseMultipart } from "./multipart.ts";

/** Parses JSON into a `LogVersionInput`. */
export type ReadVersionInput = VersionForm["read"];

/** `POST /versions`: logs a version with its files, all in one form. Answers 201, with `created: false` if the version already existed. */
export function postVersionRoutes(read: ReadVersionInput) {
  return async (app: FastifyInstance): Promise<void> => {
    streamBodies(app);
    app.post("", { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
      const parts = parseMultipart(request.headers, getBody(request).source);
      const { version, created } = await postVersion(request.context, { parts, read });
      const { id, uri, number, digest } = version;
      return reply.code(201).send({ id, uri, number, digest: digest ?? null, created });
    });
  };
}
