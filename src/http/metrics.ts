import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Registry } from "prom-client";

/** What the service counts, for Prometheus. */
export const createMetrics = () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const damaged = new Counter({
    name: "pedigree_damaged_reads_total",
    help: "Reads that ended because the bytes in the store aren't those that were stored.",
    registers: [registry],
  });
  return { registry, damaged };
};
export type Metrics = ReturnType<typeof createMetrics>;

/** `/metrics`, in Prometheus's text format. */
export const metricsRoutes =
  ({ registry }: Metrics) =>
  async (app: FastifyInstance) => {
    app.get("/metrics", { logLevel: "warn" }, async (_request, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
  };
