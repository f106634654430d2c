import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { schemaCoverage } from "./test/support/coverage-reporter.ts";
import { lastLine } from "./test/support/last-line.ts";

/**
 * Files whose services do by themselves, on the one Neo4j of the run, what others' services would do for them: webhooks, uploads, silent runs.
 * Clocks and settings differ between files, so these run one after another, after all the rest.
 */
const alone = [
  "webhooks/sending",
  "webhooks/webhooks",
  "blobs/uploads",
  "runs/stale-runs",
  "blobs/orphaned-objects",
  "blobs/garbage-collection",
].map((name) => `test/${name}.test.ts`);

/** What takes minutes and gigabytes runs when it is asked for: `HUGE=1 npx vitest run test/files/zip64.test.ts`. */
const huge = process.env.HUGE ? [] : ["test/files/zip64.test.ts"];

const resolve = {
  // One graphql-js in the process: inlined modules would get its ES build and packages in node_modules the CommonJS one.
  alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql/index.js") }],
};
const shared = { pool: "forks", isolate: false, testTimeout: 30_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    maxWorkers: 2,
    globalSetup: "test/global-setup.ts",
    reporters: ["default", lastLine(), schemaCoverage()],
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
