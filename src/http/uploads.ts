import { storePart } from "../domain/blobs/store-part.ts";
import type { Door } from "./door.ts";
import { renderProblemJson } from "./problem.ts";
import { getBody, streamBodies } from "./streaming-body.ts";

/** `PUT /uploads/<id>/parts/<number>`: a part of an upload, for clients that don't send it to S3 directly. Answers with its `ETag`. */
export const uploadsDoor: Door = {
  prefix: "/uploads",
  routes: async (app) => {
    streamBodies(app);
    app.put<{ Params: { id: string; number: string } }>(
      "/:id/parts/:number",
      { bodyLimit: Number.MAX_SAFE_INTEGER },
      async (request, reply) => {
        const { id } = request.params;
        const number = /^\d+$/.test(request.params.number) ? Number(request.params.number) : Number.NaN;
        const stored = await storePart(request.context, { id, number, ...getBody(request) });
        return reply.header("etag", `"${stored.etag}"`).send(stored);
      },
    );
  },
  renderError: renderProblemJson,
};
