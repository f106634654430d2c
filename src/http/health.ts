import type { FastifyInstance } from "fastify";
import type { Ports } from "../domain/core/context.ts";

/** `/health/live` while the process runs; `/health/ready` when the stores answer, or 503 naming what is down. */
export function healthRoutes({ graph, blobs }: Pick<Ports, "blobs" | "graph">) {
  return async (app: FastifyInstance) => {
    app.get("/health/live", { logLevel: "warn" }, () => ({ status: "live" }));
    app.get("/health/ready", { logLevel: "warn" }, async (request, reply) => {
      const stores = { graph, blobs };
      const states = await Promise.allSettled(Object.values(stores).map((store) => store.check()));
      const down = Object.keys(stores).filter((_, i) => states[i]?.status === "rejected");
      for (const state of states) if (state.status === "rejected") request.log.warn({ err: state.reason }, "not ready");
      return reply.code(down.length ? 503 : 200).send({ status: down.length ? "down" : "ready", down });
    });
  };
}
