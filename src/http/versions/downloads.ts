import type { FastifyInstance } from "fastify";
import { findDownload } from "../../domain/files/downloads.ts";
import { sendDownload } from "../send-download.ts";

/** A URL in ASCII, as a header needs it; what is already percent-encoded stays as it is. */
function toAsciiUrl(url: string): string {
  return url.replace(/[^\x21-\x7e]+/g, encodeURIComponent);
}

/** `GET` and `HEAD /versions/<ref>/files/<path>`: a file's bytes, with ranges and conditions, or a redirect to a file that is stored elsewhere. */
export async function downloadRoutes(app: FastifyInstance): Promise<void> {
  app.route<{ Params: { ref: string; "*": string } }>({
    method: ["GET", "HEAD"],
    url: "/:ref/files/*",
    handler: async (request, reply) => {
      const found = await findDownload(request.context, request.params.ref, request.params["*"]);
      if ("location" in found) return reply.redirect(toAsciiUrl(found.location), 307);
      return sendDownload(request, reply, found);
    },
  });
}
