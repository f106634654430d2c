import { benchBytes } from "./bytes.ts";
import { benchEvents } from "./events.ts";
import { benchFilters } from "./filters.ts";
import { benchLadder } from "./ladder.ts";
import { benchLineage } from "./lineage.ts";
import { benchLog } from "./log.ts";
import { benchMemory } from "./memory.ts";

const benches: Record<string, { what: string; run: () => Promise<void> }> = {
  bytes: {
    what: "1 GiB and 1,000 files of 10 KB through the service compared with S3 itself, and a zip of them",
    run: benchBytes,
  },
  events: {
    what: "1,000 subscribers while versions are logged: latency of the events and cost to the service",
    run: benchEvents,
  },
  filters: {
    what: "selective filters on 1,000 versions compared with 100,000 (Neo4j) and 20,000 (embedded)",
    run: benchFilters,
  },
  ladder: {
    what: "the lineage of a ladder of 60 diamonds compared with that of a chain of the same size",
    run: benchLadder,
  },
  lineage: {
    what: "a cone of 1,000 nodes compared with the bare driver and @neo4j/graphql, in graphs of 1,000 to 1,000,000 nodes; the ladder",
    run: benchLineage,
  },
  log: {
    what: "versions and runs logged by GraphQL compared with the bare driver running the same statements (Neo4j)",
    run: benchLog,
  },
  memory: {
    what: "the memory of the service while 5 GiB are uploaded and 5 GiB downloaded concurrently",
    run: benchMemory,
  },
};

const help = `npm run bench -- <name> ...

${Object.entries(benches)
  .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
  .join("\n")}

Neo4j is that of NEO4J_URI (NEO4J_USER, NEO4J_PASSWORD), or one started for the run (Docker, or PEDIGREE_TEST_SERVERS=fetch).
Results are medians of alternating rounds: compare them only within one run.`;

const names = process.argv.slice(2);
const unknown = names.filter((name) => !(name in benches) && name !== "--help");
if (names.length === 0 || names.includes("--help") || unknown.length) {
  console.log(help);
  process.exitCode = unknown.length || names.length === 0 ? 1 : 0;
} else for (const name of names) await benches[name]?.run();
