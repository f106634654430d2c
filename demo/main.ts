import { parseArgs } from "node:util";
import { connect, PedigreeError } from "../src/client/client.ts";
import { runDemo } from "./demo.ts";
import { queriesFor } from "./queries.ts";
import { type Found, findService } from "./service.ts";

const help = `Logs a real pipeline: the weather in Seattle, received by a decision tree from thermometer and wind.

  npm run demo                     runs it twice, with a deeper tree the second time, promotes the better
                                   model, and says what to look at
  npm run demo -- --once           ends at once, also the service that it started
  npm run demo -- --project NAME   logs into this project instead of "weather"
  npm run demo -- --help           shows this

It uses the service at PEDIGREE_URL (http://127.0.0.1:4000 when left out), with the token in PEDIGREE_TOKEN where one
is needed. When that isn't set and nothing answers, it starts a service with the settings of npm start, data in ./data.
`;

function invite({ url }: Found, project: string): void {
  const plot = `${url}/versions/${encodeURIComponent(`${project}/report`)}/files/confusion.svg`;
  console.log(`\nOpen ${url}/graphiql/ and press play. The plot: ${plot}\nSix more questions to paste there:`);
  for (const { question, query } of queriesFor(project)) console.log(`\n# ${question}\n${query}`);
}

async function stay(service: Found): Promise<void> {
  console.log("\nThe service stays up for you; Ctrl-C ends it.");
  const end = (): void => void service.end();
  process.on("SIGINT", end);
  process.on("SIGTERM", end);
  await service.ended;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      once: { type: "boolean" },
      project: { type: "string", default: "weather" },
    },
  });
  if (values.help) return console.log(help);
  const service = await findService(process.env);
  console.log(`${service.started ? "Started a service at" : "Using the service at"} ${service.url}\n`);
  try {
    await runDemo(connect({ url: service.url, token: process.env.PEDIGREE_TOKEN }), values.project, console.log);
    invite(service, values.project);
    if (service.started && !values.once) await stay(service);
  } finally {
    await service.end();
  }
}

/** What to print of a failure. */
function describeFailure(error: unknown): unknown {
  if (!(error instanceof PedigreeError)) return error instanceof Error ? error.message : error;
  const hint = error.code === "UNAUTHENTICATED" ? " (set PEDIGREE_TOKEN to your token)" : "";
  return `the service answered: ${error.message}${hint}`;
}

main().catch((error: unknown) => {
  console.error(describeFailure(error));
  process.exitCode = 1;
});
