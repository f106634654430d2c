import "./request.ts";
import type { FastifyInstance } from "fastify";
import { storeBlob } from "../domain/blobs/store-blob.ts";
import { invalid } from "../domain/core/errors.ts";
import { requireProject } from "./query-params.ts";
import { getBody, streamBodies } from "./streaming-body.ts";

function contentDigest(header: string | undefined): string | undefined {
  if (!header) return undefined;
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(header)?.[1];
  if (!base64) throw invalid("Content-Digest", "wanted: sha-256=:<base64 of 32 bytes>:");
  return `sha256:${Buffer.from(base64, "base64").toString("hex")}`;
}

/** Bytes up: `PUT /blobs`. */
export async function blobRoutes(app: FastifyInstance): Promise<void> {
  streamBodies(app);
  app.put("/blobs", { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
    const project = requireProject(request.query);
    const digest = contentDigest(request.headers["content-digest"] as string | undefined);
    const stored = await storeBlob(request.context, { project, digest, ...getBody(request) });
    return reply.code(stored.created ? 201 : 200).send({ digest: stored.digest, size: stored.size });
  });
}
