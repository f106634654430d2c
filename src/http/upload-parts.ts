import "./request.ts";
import type { FastifyInstance } from "fastify";
import { storePart } from "../domain/blobs/store-part.ts";
import { getBody, streamBodies } from "./streaming-body.ts";

/** `PUT /uploads/<id>/parts/<number>`: a part of an upload, where clients don't send it straight to S3. Answers with its `ETag`. */
export async function uploadPartRoutes(app: FastifyInstance): Promise<void> {
  streamBodies(app);
  app.put<{ Params: { id: string; number: string } }>(
    "/uploads/:id/parts/:number",
    { bodyLimit: Number.MAX_SAFE_INTEGER },
    async (request, reply) => {
      const { id } = request.params;
      const number = /^\d+$/.test(request.params.number) ? Number(request.params.number) : Number.NaN;
      const stored = await storePart(request.context, { id, number, ...getBody(request) });
      return reply.header("etag", `"${stored.etag}"`).send(stored);
    },
  );
}
