import "./request.ts";
import type { FastifyInstance } from "fastify";
import { findPreview } from "../domain/files/previews.ts";

/** Nothing is run or loaded from anywhere; the page of this service, and no other, may show it in a frame. */
const policy = [
  "sandbox",
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** `GET /versions/<ref>/preview/<path>`: what a browser may show of a file. `Preview-Truncated: true` where there is more of it. */
export async function previewRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { ref: string; "*": string } }>("/versions/:ref/preview/*", async (request, reply) => {
    const { ref, "*": path } = request.params;
    const { contentType, body, truncated } = await findPreview(request.context, ref, path);
    return reply
      .headers({
        "content-security-policy": policy,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-cache",
        ...(truncated && { "preview-truncated": "true" }),
      })
      .type(contentType)
      .send(body);
  });
}
