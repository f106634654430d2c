import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { grafeoStore } from "../src/adapters/grafeo/graph-store.ts";
import { neo4jStore } from "../src/adapters/neo4j/graph-store.ts";
import type { GraphStore } from "../src/ports/graph-store.ts";
import { findMeans, type Neo4jAddress, startNeo4j } from "../test/support/servers.ts";

/** An engine to measure: a graph store, and the settings with which a service uses the same graph. */
export interface Engine {
  name: string;
  env: Record<string, string>;
  open(): Promise<GraphStore> | GraphStore;
  /** The address of Neo4j; absent for the embedded engine. */
  neo4j?: Neo4jAddress;
  end(): Promise<void>;
}

async function createEmbedded(): Promise<Engine> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-bench-"));
  return {
    name: "embedded",
    env: { PEDIGREE_DATA: folder },
    open: () => grafeoStore({ path: join(folder, "graph", "pedigree.grafeo") }),
    end: () => rm(folder, { recursive: true, force: true }),
  };
}

function toEnvironment({ uri, user, password }: Neo4jAddress): Record<string, string> {
  return {
    PEDIGREE_GRAPH: uri,
    ...(user && { NEO4J_USER: user, NEO4J_PASSWORD: password ?? "" }),
  };
}

function createNeo4j(neo4j: Neo4jAddress, folder: string, end: () => Promise<void>): Engine {
  return {
    name: "neo4j",
    env: { ...toEnvironment(neo4j), PEDIGREE_DATA: folder },
    open: () => neo4jStore(neo4j),
    neo4j,
    end: async () => {
      await end();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The embedded engine and, if there is one, Neo4j: at `NEO4J_URI`, or started here (with Docker, or with `PEDIGREE_TEST_SERVERS=fetch`). */
async function findEngines(): Promise<Engine[]> {
  const engines = [await createEmbedded()];
  const { NEO4J_URI: uri, NEO4J_USER: user, NEO4J_PASSWORD: password } = process.env;
  const folder = await mkdtemp(join(tmpdir(), "pedigree-bench-"));
  const means = uri ? "none" : await findMeans();
  if (uri) {
    engines.push(createNeo4j({ uri, ...(user && { user, password: password ?? "" }) }, folder, async () => undefined));
  } else if (means === "none")
    console.log("no Neo4j: set NEO4J_URI, start Docker, or set PEDIGREE_TEST_SERVERS=fetch\n");
  else {
    const server = await startNeo4j(means);
    engines.push(createNeo4j(server.address, folder, () => server.close()));
  }
  return engines;
}

/** Measures one engine after another, and ends each even when measuring fails. */
export async function forEachEngine(measure: (engine: Engine) => Promise<void>): Promise<void> {
  for (const engine of await findEngines()) {
    try {
      await measure(engine);
    } finally {
      await engine.end();
    }
  }
}
