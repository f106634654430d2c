#!/usr/bin/env node
import "./production.ts";
import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "./config.ts";
import { StartError } from "./open-ports.ts";
import { startService } from "./service.ts";

const help = `Pedigree: which run made every artifact version, and what each version feeds.

  pedigree [serve]      starts the service (npm start)
  pedigree --help       shows this help

Settings are environment variables; docs/operate.md lists them all. The most common ones:
  PORT=4000  HOST=127.0.0.1  PEDIGREE_DATA=./data
  PEDIGREE_GRAPH=embedded | bolt://... | neo4j://...
  PEDIGREE_BLOBS=filesystem | s3://bucket
`;

async function serve(): Promise<void> {
  const service = await startService(readConfig(process.env));
  let isClosing = false;
  const close = (): void => {
    if (isClosing) return;
    isClosing = true;
    service.close().then(() => process.exit(0), fail);
  };
  process.on("SIGTERM", close);
  process.on("SIGINT", close);
  console.log(`Pedigree is up at ${service.url}\nGraphiQL: ${service.url}/graphiql/`);
}

/** A message for errors that a user can act on; null for others, which are printed with their stack. */
function explain(error: unknown): string | null {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  if (!(error instanceof Error && "code" in error && "port" in error) || error.code !== "EADDRINUSE") return null;
  return `port ${error.port} is in use: choose another one with PORT; if another Pedigree uses it, also set a different PEDIGREE_DATA`;
}

function fail(error: unknown): void {
  console.error(explain(error) ?? error);
  process.exit(1);
}

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean", short: "h" } },
  allowPositionals: true,
  strict: false,
});
const [command = "serve"] = positionals;
if (values.help) console.log(help);
else if (command === "serve") serve().catch(fail);
else fail(`unknown command "${command}"\n\n${help}`);
