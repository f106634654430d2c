import type { RequestContext, Services } from "../domain/core/context.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks, and what the domain may touch to answer. Set by the authentication hook before any route of a door runs. */
    context: RequestContext<keyof Services>;
  }
}
