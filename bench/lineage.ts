import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { walkTexts } from "../src/adapters/neo4j/walk-text.ts";
import { readConfig } from "../src/config.ts";
import type { GraphStore } from "../src/ports/graph-store.ts";
import { startService } from "../src/service.ts";
import { bulkLayers, deep, type LayersShape, wide } from "../test/support/layers.ts";
import type { Neo4jAddress } from "../test/support/servers.ts";
import { ask } from "./client.ts";
import { type Engine, forEachEngine } from "./engines.ts";
import { measureLadder } from "./ladder.ts";
import { measureInterleaved, type PreparedWork } from "./measure.ts";
import { countEntities, createNestedSelection } from "./nested.ts";
import { createBareDriver, type Script } from "./replay.ts";
import { startServiceProcess } from "./service-process.ts";

const coneQuery = `query ($of: [VersionRef!]!) { lineage(of: $of, direction: UPSTREAM, limit: 10000) {
  nodes { id depth } edges { from to kind slot role } truncated } }`;
const detailsQuery = `query ($of: [VersionRef!]!) { lineage(of: $of, direction: UPSTREAM, limit: 10000) {
  nodes { id depth node { __typename ... on Version { id kind createdAt } ... on Execution { id name status } } }
  edges { from to kind slot role } truncated } }`;
const queries = { "ids and edges": coneQuery, "with a few fields of each": detailsQuery };

/** Records the statements of a response; changes nothing. */
function recordStatements(store: GraphStore, script: Script): GraphStore {
  return {
    ...store,
    read: (statement, params) => {
      script.push({ name: statement.name, text: statement.text, params });
      return store.read(statement, params);
    },
    walk: (batch, bounds) => {
      const { params: ownParams, asOf = null, columns = null, limit } = bounds;
      const params = { ...ownParams, asOf, columns, batch, maxNodes: limit + 1 };
      script.push({ name: "walk", text: walkTexts(bounds).entities(), params });
      return store.walk(batch, bounds);
    },
  };
}

async function recordScript(engine: Engine, query: string, of: string[]): Promise<Script> {
  const script: Script = [];
  const graph = recordStatements(await engine.open(), script);
  const service = await startService(readConfig({ ...engine.env, PORT: "0", LOG_LEVEL: "silent" }), { graph });
  script.length = 0;
  await ask(service.url, query, { of });
  const ofQuery = script.filter(({ name }) => /^(resolve|walk|find-|attached\/)/.test(name));
  await service.close();
  return ofQuery;
}

function printLine(what: string, text: string): void {
  console.log(`  ${what.padEnd(58)}${text}`);
}
function formatMs(time: number): string {
  return `${time.toFixed(1)} ms`;
}

/** Compares our GraphQL API with the bare driver running the same statements and, where that is feasible, with `@neo4j/graphql`. */
async function compareWithDriver(
  engine: Engine,
  neo4j: Neo4jAddress,
  url: string,
  root: string,
  shape: LayersShape,
  name: string,
) {
  const driver = createBareDriver(neo4j);
  const nested = shape === wide ? await createNestedSelection(neo4j, shape.layers + 1) : null;
  if (nested)
    printLine(`${name}, @neo4j/graphql`, `finds ${countEntities(await nested.ask(root))} of ${shape.nodes} nodes`);
  for (const [what, query] of Object.entries(queries)) {
    const script = await recordScript(engine, query, [root]);
    const candidates: Record<string, PreparedWork> = {
      ours: () => () => ask(url, query, { of: [root] }),
      bare: () => driver.prepareReads(script),
      ...(nested && { nested: () => () => nested.ask(root) }),
    };
    const { ours = 0, bare = 0, nested: theirs } = await measureInterleaved(candidates, 25, 8);
    printLine(
      `${name}, ${what}`,
      `${formatMs(ours)}; bare driver ${formatMs(bare)}, ratio ${(ours / bare).toFixed(2)} (goal at most 1.25)`,
    );
    if (theirs)
      printLine("", `@neo4j/graphql ${formatMs(theirs)}, ${(theirs / ours).toFixed(1)} times ours (goal at least 3)`);
  }
  await nested?.close();
  await driver.close();
}

async function measureQuery(url: string, query: string, root: string): Promise<number> {
  return (await measureInterleaved({ ours: () => () => ask(url, query, { of: [root] }) }, 31, 15)).ours;
}

/** Times the same cone in a growing graph and prints how much slower it gets. */
async function measureGrowth(graph: GraphStore, url: string, project: string, sizes: number[]): Promise<string> {
  let stored = 0;
  let root = "";
  const first = new Map<string, number>();
  for (const pipelines of sizes) {
    const start = performance.now();
    const roots = await bulkLayers(graph, project, deep, pipelines - stored, stored + 1);
    if (!stored) root = roots[0] ?? "";
    stored = pipelines;
    const seconds = Math.round((performance.now() - start) / 1_000);
    for (const [what, query] of Object.entries(queries)) {
      const time = await measureQuery(url, query, root);
      const ratio = time / (first.get(what) ?? time);
      if (pipelines > 1 && !first.has(what)) first.set(what, time);
      const grown = ratio === 1 ? "" : `, ratio ${ratio.toFixed(2)} (goal less than 1.2)`;
      printLine(`of ${pipelines * deep.nodes} nodes (stored in ${seconds} s), ${what}`, `${formatMs(time)}${grown}`);
    }
  }
  return root;
}

async function removeProject(graph: GraphStore, project: string): Promise<void> {
  const text = "MATCH (n:Entity) WHERE n.project = $project WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS count";
  for (let left = 1; left; ) {
    [{ count: left } = { count: 0 }] = await graph.write((tx) =>
      tx.run<{ project: string }, { count: number }>({ name: "bench", text }, { project }),
    );
  }
}

async function benchNeo4j(engine: Engine, neo4j: Neo4jAddress): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "pedigree-bench-"));
  const { url, child } = await startServiceProcess({ ...engine.env, PEDIGREE_DATA: folder });
  const graph = await engine.open();
  const [project, other] = [`bench-${randomBytes(4).toString("hex")}`, `bench-${randomBytes(4).toString("hex")}`];
  try {
    const [flat = ""] = await bulkLayers(graph, other, wide, 1);
    const root = await measureGrowth(graph, url, project, process.env.BENCH_QUICK ? [1, 10] : [1, 10, 1_000]);
    await compareWithDriver(engine, neo4j, url, root, deep, "10 layers of 50");
    await compareWithDriver(engine, neo4j, url, flat, wide, "3 layers of 167");
  } finally {
    // A server that outlives the benchmark must not keep its data.
    if (process.env.NEO4J_URI) for (const name of [project, other]) await removeProject(graph, name);
    await graph.close();
    child.kill("SIGTERM");
    await once(child, "exit");
    await rm(folder, { recursive: true });
  }
}

async function benchEmbedded(engine: Engine): Promise<void> {
  const graph = await engine.open();
  const service = await startService(readConfig({ ...engine.env, PORT: "0", LOG_LEVEL: "silent" }), { graph });
  await measureGrowth(graph, service.url, "bench", process.env.BENCH_QUICK ? [1, 10] : [1, 10, 100]);
  await service.close();
}

/**
 * The cone of some 1,000 nodes upstream of a version: by our GraphQL API, by the bare driver running the same statements, and by nested selection of
 * `@neo4j/graphql`; then in a growing graph; then a ladder of diamonds compared with a chain. `BENCH_QUICK` leaves out the largest graphs.
 */
export function benchLineage(): Promise<void> {
  return forEachEngine(async (engine) => {
    console.log(`${engine.name}:`);
    if (engine.neo4j) await benchNeo4j(engine, engine.neo4j);
    else await benchEmbedded(engine);
    await measureLadder(engine);
  });
}
