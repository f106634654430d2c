import type { Actor } from "../domain/core/permissions.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; set before any route behind the doors runs. */
    actor: Actor;
  }
}
