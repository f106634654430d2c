import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { schemaCoverage } from "./test/support/coverage-reporter.ts";
import { lastLine } from "./test/support/last-line.ts";
import { LongestFirst } from "./test/support/longest-first.ts";

/**
 * Tests of background jobs. A job works on a whole database, so each of these needs the Neo4j of the run to itself: they run one after
 * another, after all others.
 */
const alone = [
  "webhooks/sending",
  "webhooks/webhooks",
  "blobs/uploads",
  "blobs/garbage-collection",
  "runs/stale-runs",
].map((name) => `test/${name}.test.ts`);

/** What takes minutes and gigabytes runs only on request: `HUGE=1 npx vitest run test/files/zip64.test.ts`. */
const huge = process.env.HUGE ? [] : ["test/files/zip64.test.ts"];

const resolve = {
  // One graphql-js in the process: inlined modules would get its ES build and packages in node_modules the CommonJS one.
  alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql/index.js") }],
};

/** Without isolation a worker imports the service once for all of its files, and not again for each. No test changes global state. */
const shared = { pool: "forks", isolate: false, testTimeout: 30_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: "test/global-setup.ts",
    reporters: ["default", lastLine(), schemaCoverage()],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        resolve,
        test: {
          ...{ ...shared, name: "together", include: ["test/**/*.test.ts"], exclude: [...alone, ...huge] },
          ...{ maxWorkers: 2, sequence: { groupOrder: 0 } },
        },
      },
      {
        resolve,
        test: { ...shared, name: "alone", include: alone, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
