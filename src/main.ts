#!/usr/bin/env node
import "./production.ts";
import { parseArgs } from "node:util";
import { ConfigError, readConfig } from "./config.ts";
import { startService } from "./service.ts";

const help = `Pedigree: which run made every artifact version, and what each version feeds.

  pedigree [serve]      starts the service (npm start)
  pedigree --help       shows this

Settings come from the environment; the README lists them all. The usual ones:
  PORT=4000  HOST=127.0.0.1  PEDIGREE_DATA=./data
  PEDIGREE_GRAPH=embedded | bolt://... | neo4j://...
  PEDIGREE_BLOBS=filesystem | s3://bucket
`;

const serve = async (): Promise<void> => {
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
};

const fail = (error: unknown): void => {
  console.error(error instanceof ConfigError ? error.message : error);
  process.exit(1);
};

const { values, positionals } = parseArgs({
  options: { help: { type: "boolean", short: "h" } },
  allowPositionals: true,
  strict: false,
});
const [verb = "serve"] = positionals;
if (values.help) console.log(help);
else if (verb === "serve") serve().catch(fail);
else fail(`there is no verb "${verb}"\n\n${help}`);
