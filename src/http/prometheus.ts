import type { FastifyInstance } from "fastify";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/** What the service counts, for Prometheus; `subscriptions` says how many are open. */
export function createMetrics(subscriptions: () => number) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const damaged = new Counter({
    name: "pedigree_damaged_reads_total",
    help: "Reads that failed because the bytes in the store are missing, or aren't those that were stored.",
    registers: [registry],
  });
  new Gauge({
    name: "pedigree_subscriptions",
    help: "Subscriptions that are open.",
    registers: [registry],
    collect() {
      this.set(subscriptions());
    },
  });
  const jobTurns = new Counter({
    name: "pedigree_job_turns_total",
    help: "Turns of background jobs, by job and outcome.",
    labelNames: ["job", "outcome"],
    registers: [registry],
  });
  return { registry, damaged, jobTurns };
}
export type Metrics = ReturnType<typeof createMetrics>;

/** `/metrics`, in Prometheus's text format. */
export function metricsRoutes({ registry }: Metrics) {
  return async (app: FastifyInstance) => {
    app.get("/metrics", { logLevel: "warn" }, async (_request, reply) =>
      reply.type(registry.contentType).send(await registry.metrics()),
    );
  };
}
