import "../auth/request.ts";
import type { FastifyInstance, FastifyReply } from "fastify";
import { findContent, findFile, storeBlob } from "../domain/blobs.ts";
import { contentTypeOf } from "../domain/content-types.ts";
import type { Deps } from "../domain/deps.ts";
import { invalid } from "../domain/errors.ts";
import type { StoredFile } from "../domain/of.ts";
import { findVersion } from "../domain/resolve.ts";
import { bodyOf, streamBodies } from "./bodies.ts";

const contentDigest = (header: string | undefined): string | undefined => {
  if (!header) return undefined;
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header)?.[1];
  if (!base64) throw invalid("Content-Digest", "wanted: sha-256=:<base64 of 32 bytes>:");
  return `sha256:${Buffer.from(base64, "base64").toString("hex")}`;
};

const projectOf = (query: unknown): string => {
  const { project } = query as { project?: unknown };
  if (typeof project !== "string") throw invalid("project", "wanted once in the query: ?project=<name>");
  return project;
};

const sendBytes = async (
  reply: FastifyReply,
  deps: Deps,
  file: StoredFile,
  contentType: string,
): Promise<FastifyReply> => {
  const bytes = await deps.blobs.read(file.key);
  return (
    reply
      .type(contentType)
      .header("content-length", file.size)
      .header("etag", `"${file.digest}"`)
      // What was logged may be a page with scripts: it is never run with this service's rights.
      .header("x-content-type-options", "nosniff")
      .header("content-security-policy", "sandbox; default-src 'none'")
      .send(bytes)
  );
};

const attachment = (path: string): string => {
  const name = path.split("/").at(-1) ?? path;
  return `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
};

/** Bytes: `PUT /blobs`, `GET /blobs/<digest>` and `GET /versions/<ref>/files/<path>`. Bodies are streamed, whatever their type. */
export const blobRoutes = (deps: Deps) => async (app: FastifyInstance) => {
  streamBodies(app);

  app.put("/blobs", { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
    const project = projectOf(request.query);
    const digest = contentDigest(request.headers["content-digest"] as string | undefined);
    const stored = await storeBlob(deps, request.actor, { project, digest, ...bodyOf(request) });
    return reply.code(stored.created ? 201 : 200).send({ digest: stored.digest, size: stored.size });
  });

  app.get<{ Params: { digest: string } }>("/blobs/:digest", async (request, reply) => {
    const file = await findContent(deps, request.actor, projectOf(request.query), request.params.digest);
    return sendBytes(reply, deps, file, "application/octet-stream");
  });

  app.get<{ Params: { ref: string; "*": string } }>("/versions/:ref/files/*", async (request, reply) => {
    const { ref, "*": path } = request.params;
    const file = await findFile(deps, await findVersion(deps, request.actor, ref), path);
    reply.header("content-disposition", attachment(path));
    return sendBytes(reply, deps, file, contentTypeOf(path));
  });
};
