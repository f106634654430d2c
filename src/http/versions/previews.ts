import type { FastifyInstance } from "fastify";
import { findPreview } from "../../domain/files/previews.ts";

/** Runs no scripts and loads nothing from elsewhere; only this service's own page may show a preview in a frame. */
const contentSecurityPolicy = [
  "sandbox",
  "default-src 'none'",
  "style-src 'unsafe-inline'",
  "img-src data:",
  "font-src data:",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'self'",
].join("; ");

/** `GET /versions/<ref>/preview/<path>`: what a browser can show of a file. The header `Preview-Truncated: true` says that the file has more. */
export async function previewRoutes(app: FastifyInstance): Promise<void> {
  app.get<{ Params: { ref: string; "*": string } }>("/:ref/preview/*", async (request, reply) => {
    const { ref, "*": path } = request.params;
    const { contentType, body, truncated } = await findPreview(request.context, ref, path);
    return reply
      .headers({
        "content-security-policy": contentSecurityPolicy,
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "same-origin",
        "cache-control": "private, no-cache",
        ...(truncated && { "preview-truncated": "true" }),
      })
      .type(contentType)
      .send(body);
  });
}
