import type { FastifyInstance } from "fastify";
import { storeBlob } from "../domain/blobs/store-blob.ts";
import { invalid } from "../domain/core/errors.ts";
import { downloadContent } from "../domain/files/downloads.ts";
import type { Door } from "./door.ts";
import { renderProblemJson } from "./problem.ts";
import { requireProject } from "./query-params.ts";
import { sendDownload } from "./send-download.ts";
import { getBody, streamBodies } from "./streaming-body.ts";

/** The digest in a header `Content-Digest` (RFC 9530), undefined without one. */
function parseContentDigest(header: string | string[] | undefined): string | undefined {
  if (!header) return undefined;
  const base64 = /(?:^|,)\s*sha-256=:([A-Za-z0-9+/]{43}=):/.exec(String(header))?.[1];
  if (!base64) throw invalid("Content-Digest", "must be sha-256=:<base64 of 32 bytes>:");
  return `sha256:${Buffer.from(base64, "base64").toString("hex")}`;
}

async function uploadRoute(app: FastifyInstance): Promise<void> {
  streamBodies(app);
  app.put("", { bodyLimit: Number.MAX_SAFE_INTEGER }, async (request, reply) => {
    const project = requireProject(request.query);
    const digest = parseContentDigest(request.headers["content-digest"]);
    const stored = await storeBlob(request.context, { project, digest, ...getBody(request) });
    return reply.code(stored.created ? 201 : 200).send({ digest: stored.digest, size: stored.size });
  });
}

/** `PUT /blobs?project=<name>` stores bytes; `GET` and `HEAD /blobs/<digest>?project=<name>` read them. */
export const blobsDoor: Door = {
  prefix: "/blobs",
  routes: async (app) => {
    await app.register(uploadRoute);
    app.route<{ Params: { digest: string } }>({
      method: ["GET", "HEAD"],
      url: "/:digest",
      handler: async (request, reply) => {
        const project = requireProject(request.query);
        return sendDownload(request, reply, await downloadContent(request.context, project, request.params.digest));
      },
    });
  },
  renderError: renderProblemJson,
  getNotFoundHint: (method) => (method === "PUT" ? null : "send bytes with PUT /blobs"),
};
