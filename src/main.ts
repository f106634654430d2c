#!/usr/bin/env node
import "./production.ts";
import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "./config.ts";
import { startService } from "./service.ts";

const help = `Pedigree: which run made every artifact version, and what each version feeds.

  pedigree [serve]      starts the service (npm start)
  pedigree --help       shows this

Settings come from the environment; docs/operate.md lists them all. The usual ones:
  PORT=4000  HOST=127.0.0.1  PEDIGREE_DATA=./data
  PEDIGREE_GRAPH=embedded | bolt://... | neo4j://...
  PEDIGREE_BLOBS=filesystem | s3://bucket
`;

async function serve(): Promise<void> {
  const service = await startService(readConfig(process.env));
  let closing = false;
  const end = (): void => {
    if (closing) return;
    closing = true;
    service.close().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on("SIGTERM", end);
  process.on("SIGINT", end);
  console.log(`Pedigree is up at ${service.url}\nGraphiQL: ${service.url}/graphiql/`);
}

/** What a reader can act on without a stack. */
function plainly(error: unknown): string | null {
  if (error instanceof ConfigError) return error.message;
  const { code, port } = error instanceof Error ? (error as Error & { code?: unknown; port?: unknown }) : {};
  if (code !== "EADDRINUSE") return null;
  return `port ${port} is taken: choose another with PORT, and, where another Pedigree runs there, another folder with PEDIGREE_DATA`;
}

function fail(error: unknown): void {
  console.error(plainly(error) ?? error);
  process.exit(1);
}

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean", short: "h" } },
  allowPositionals: true,
  strict: false,
});
const [verb = "serve"] = positionals;
if (values.help) console.log(help);
else if (verb === "serve") serve().catch(fail);
else fail(`there is no verb "${verb}"\n\n${help}`);
