import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import grafeo from "@grafeo-db/js";
import neo4j from "neo4j-driver";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from "vitest";
import { grafeoStore } from "../../src/adapters/grafeo/graph-store.ts";
import { neo4jStore } from "../../src/adapters/neo4j/graph-store.ts";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import { NotOpened, Unavailable } from "../../src/ports/unavailable.ts";
import { runMain, startProcess } from "../support/process.ts";
import { type Neo4jAddress, type Server, startNeo4j } from "../support/servers.ts";
import { describeEach } from "../support/service.ts";

const means = inject("means");

/** A graph that can be changed behind the service's back. */
interface OpenedGraph {
  /** Opens it as the service does. */
  open(): Promise<GraphStore>;
  /** Runs one statement by the engine itself; resolves with the rows. */
  run(text: string): Promise<unknown[]>;
  /** What a refusal names, and what it advises. */
  description: string;
  remedy: string;
}

let folder = "";
let server: Server<Neo4jAddress>;
beforeAll(async () => {
  if (means !== "none") server = await startNeo4j(means, "brief");
}, 120_000);
afterAll(async () => server?.close());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pedigree-schema-"));
  onTestFinished(() => rm(folder, { recursive: true }));
});

function embeddedGraph(): OpenedGraph {
  const path = join(folder, "graph", "pedigree.grafeo");
  return {
    description: `the embedded graph ${path}`,
    remedy: "set PEDIGREE_DATA to an empty folder",
    open: () => grafeoStore({ path }),
    run: async (text) => {
      await mkdir(dirname(path), { recursive: true });
      const db = grafeo.GrafeoDB.create(path);
      try {
        return (await db.executeCypher(text)).toArray();
      } finally {
        db.close();
      }
    },
  };
}

async function neo4jGraph(): Promise<OpenedGraph> {
  const { uri } = server.address;
  const driver = neo4j.driver(uri, undefined, { disableLosslessIntegers: true });
  onTestFinished(() => driver.close());
  const run = async (text: string) => (await driver.executeQuery(text)).records.map((record) => record.toObject());
  await run("MATCH (n) DETACH DELETE n");
  for (const constraint of await run("SHOW CONSTRAINTS YIELD name")) await run(`DROP CONSTRAINT ${constraint.name}`);
  for (const index of await run("SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP'")) {
    await run(`DROP INDEX ${index.name}`);
  }
  return {
    description: `the Neo4j graph at ${uri}`,
    remedy: "set PEDIGREE_GRAPH or NEO4J_DATABASE to an empty database",
    open: async () => {
      const store = neo4jStore({ uri });
      await store.check().catch(async (error: unknown) => {
        await store.close();
        throw error instanceof Unavailable ? error.cause : error;
      });
      return store;
    },
    run,
  };
}

const engines = [
  { name: "the embedded engine", missing: false, create: embeddedGraph },
  { name: "Neo4j", missing: means === "none", create: neo4jGraph },
];

const findSchema = "MATCH (s:Schema) RETURN s.version AS version";
const countNodes = "MATCH (n) RETURN count(n) AS count";

/** The sentence that refuses a graph whose data has this schema version, in words. */
function refusalOf({ description, remedy }: OpenedGraph, version: string): string {
  return `${description} has ${version}, but this build needs schema version 1: ${remedy}, or use the build that wrote the graph`;
}
const unversioned = "no schema version (an older build wrote it)";

/** Why the service doesn't open a graph. */
async function findRefusal(graph: OpenedGraph): Promise<string> {
  const error: unknown = await graph.open().then(
    (store) => store.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(NotOpened);
  return error instanceof NotOpened ? error.message : "";
}

describeEach(
  engines,
  ({ name }) => `the schema version of a graph on ${name}`,
  ({ create }) => {
    it("an empty graph gets a schema version when it is opened, and opens again", async () => {
      const graph = await create();
      for (let start = 0; start < 2; start++) {
        const store = await graph.open();
        await store.close();
        expect(await graph.run(findSchema)).toEqual([{ version: 1 }]);
        await graph.run("MERGE (:Entity {id: 'new'})");
      }
    });

    it.each(["Project", "Entity", "Thing"])(
      "a graph with a node labeled %s and no schema version is refused, and nothing is written to it",
      async (label) => {
        const graph = await create();
        await graph.run(`CREATE (:${label} {id: 'old', name: 'old'})`);
        expect(await findRefusal(graph)).toBe(refusalOf(graph, unversioned));
        expect(await graph.run(countNodes)).toEqual([{ count: 1 }]);
        expect(await graph.run(findSchema)).toEqual([]);
      },
    );

    it("a graph with a newer schema version is refused, and nothing is written to it", async () => {
      const graph = await create();
      await (await graph.open()).close();
      await graph.run("MATCH (s:Schema) SET s.version = 2");
      expect(await findRefusal(graph)).toBe(refusalOf(graph, "schema version 2"));
      expect(await graph.run(findSchema)).toEqual([{ version: 2 }]);
      expect(await graph.run(countNodes)).toEqual([{ count: 1 }]);
    });
  },
);

describe("a service over a graph of another schema version", { timeout: 60_000 }, () => {
  it("a service over an embedded graph of another schema version exits with 1 and prints only the reason", async () => {
    const graph = embeddedGraph();
    await graph.run("CREATE (:Thing {id: 'old'})");
    const { code, output } = await runMain([], { PORT: "0", PEDIGREE_DATA: folder });
    expect(code).toBe(1);
    expect(output).toBe(`${refusalOf(graph, unversioned)}\n`);
  });

  it.skipIf(means === "none")(
    "a service over a Neo4j graph of another schema version answers UNAVAILABLE, logs the reason once and writes nothing",
    async () => {
      const graph = await neo4jGraph();
      await graph.run("CREATE (:Thing {id: 'old'})");
      const service = await startProcess({ LOG_LEVEL: "error", PEDIGREE_GRAPH: server.address.uri });
      const ready = await fetch(`${service.url}/health/ready`);
      expect([ready.status, await ready.json()]).toEqual([503, { status: "down", down: ["graph"] }]);
      const log = "mutation ($input: LogVersionInput!) { logVersion(input: $input) { created } }";
      for (const document of [log, log, "{ projects { totalCount } }"]) {
        const { errors } = await service.ask(document, { input: { project: "p", name: "a" } });
        expect(errors?.map(({ extensions }) => extensions.code)).toEqual(["UNAVAILABLE"]);
      }
      expect((await fetch(`${service.url}/blobs?project=p`, { method: "PUT", body: "x" })).status).toBe(503);
      const errors = service
        .output()
        .split("\n")
        .filter((line) => line.startsWith('{"level":50'));
      expect(errors.map((line) => JSON.parse(line).msg)).toEqual([refusalOf(graph, unversioned)]);
      expect(await graph.run(countNodes)).toEqual([{ count: 1 }]);
      expect(await graph.run("SHOW CONSTRAINTS")).toEqual([]);
      expect(await graph.run("SHOW INDEXES YIELD type WHERE type <> 'LOOKUP'")).toEqual([]);
      await graph.run("MATCH (n) DELETE n");
      await expect.poll(async () => (await fetch(`${service.url}/health/ready`)).status).toBe(200);
    },
  );
});
