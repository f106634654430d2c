import type { Ports } from "../domain/core/context.ts";
import type { Door } from "./door.ts";
import { renderProblemJson } from "./problem.ts";

/** `/health/live` answers while the process runs; `/health/ready` when the stores can be reached, or 503 with the names of those that can't. */
export function createHealthDoor({ graph, blobs }: Pick<Ports, "blobs" | "graph">): Door {
  return {
    prefix: "/health",
    publicRoutes: async (app) => {
      app.get("/live", { logLevel: "warn" }, () => ({ status: "live" }));
      app.get("/ready", { logLevel: "warn" }, async (request, reply) => {
        const stores = { graph, blobs };
        const states = await Promise.allSettled(Object.values(stores).map((store) => store.check()));
        const down = Object.keys(stores).filter((_, i) => states[i]?.status === "rejected");
        for (const state of states)
          if (state.status === "rejected") request.log.warn({ err: state.reason }, "a store is not ready");
        return reply.code(down.length ? 503 : 200).send({ status: down.length ? "down" : "ready", down });
      });
    },
    renderError: renderProblemJson,
  };
}
