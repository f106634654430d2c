import type { FastifyInstance } from "fastify";
import type { Deps } from "../domain/deps.ts";

/** `/health/live` while the process runs; `/health/ready` when the stores answer, or 503 naming what is down. */
export const healthRoutes =
  ({ graph, blobs }: Pick<Deps, "graph" | "blobs">) =>
  async (app: FastifyInstance) => {
    app.get("/health/live", { logLevel: "warn" }, () => ({ status: "live" }));
    app.get("/health/ready", { logLevel: "warn" }, async (_request, reply) => {
      const [graphState, blobState] = await Promise.allSettled([graph.check(), blobs.check()]);
      const down = [
        ...(graphState.status === "rejected" ? ["graph"] : []),
        ...(blobState.status === "rejected" ? ["blobs"] : []),
      ];
      return reply.code(down.length ? 503 : 200).send({ status: down.length ? "down" : "ready", down });
    });
  };
