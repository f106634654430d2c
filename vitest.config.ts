import { createRequire } from "node:module";
import { defineConfig } from "vitest/config";
import { lastLine } from "./test/support/last-line.ts";

export default defineConfig({
  resolve: {
    // One graphql-js in the process: inlined modules would get its ES build and packages in node_modules the CommonJS one.
    alias: [{ find: /^graphql$/, replacement: createRequire(import.meta.url).resolve("graphql/index.js") }],
  },
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    globalSetup: "test/global-setup.ts",
    reporters: ["default", lastLine()],
  },
});
