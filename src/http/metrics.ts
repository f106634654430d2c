import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { Door } from "./door.ts";
import { renderProblemJson } from "./problem.ts";

/** Creates what the service counts for Prometheus. `countSubscriptions` returns how many are open. */
export function createMetrics(countSubscriptions: () => number) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const damagedReads = new Counter({
    name: "pedigree_damaged_reads_total",
    help: "Reads that failed because the bytes in the store are missing or differ from those that were stored.",
    registers: [registry],
  });
  new Gauge({
    name: "pedigree_subscriptions",
    help: "Open subscriptions.",
    registers: [registry],
    collect() {
      this.set(countSubscriptions());
    },
  });
  const jobTurns = new Counter({
    name: "pedigree_job_turns_total",
    help: "Turns of background jobs, by job and outcome.",
    labelNames: ["job", "outcome"],
    registers: [registry],
  });
  return { registry, damagedReads, jobTurns };
}
export type Metrics = ReturnType<typeof createMetrics>;

/** `/metrics`: the metrics in Prometheus's text format. */
export function createMetricsDoor({ registry }: Metrics): Door {
  return {
    prefix: "/metrics",
    publicRoutes: async (app) => {
      app.get("", { logLevel: "warn" }, async (_request, reply) =>
        reply.type(registry.contentType).send(await registry.metrics()),
      );
    },
    renderError: renderProblemJson,
  };
}
