import { readFileSync, writeFileSync } from "node:fs";
import { lexicographicSortSchema, printSchema } from "graphql";
import { createSchema } from "../src/graphql/schema.ts";

// Writes schema.graphql from the code; with --check it only fails when they differ.
const file = new URL("../schema.graphql", import.meta.url);
const text = `${printSchema(lexicographicSortSchema(await createSchema()))}\n`;
if (!process.argv.includes("--check")) writeFileSync(file, text);
else if (readFileSync(file, "utf8") !== text) {
  console.error("schema.graphql differs from the code: run `npm run schema` and commit the result");
  process.exit(1);
}
