import { randomBytes, randomUUID } from "node:crypto";
import { join } from "node:path";
import { filesystemBlobs } from "../src/adapters/filesystem/blob-store.ts";
import { readConfig } from "../src/config.ts";
import type { GraphStore } from "../src/ports/graph-store.ts";
import type { Params, Statement } from "../src/ports/statement.ts";
import { startService } from "../src/service.ts";
import { bulkVersions } from "../test/support/bulk-versions.ts";
import { type Engine, forEachEngine } from "./engines.ts";

function countStatement(text: string): Statement<Params, { count: number }> {
  return { name: "bench", text };
}
const list = "query ($filter: VersionFilter) { versions(filter: $filter, first: 10) { nodes { id uri createdAt } } }";

/** Filters that select the same few versions of a project, however many it has. */
function createFilters(project: string): Record<string, object> {
  const at = (second: number) => new Date(second * 1_000).toISOString();
  const own = { project: { eq: project } };
  return {
    "project and artifact": { ...own, artifact: { eq: "artifact-70" } },
    tag: { ...own, tag: { eq: `${project}-tag-707` } },
    label: { ...own, labels: [{ key: "owner", value: { eq: `${project}-owner-707` } }] },
    alias: { ...own, alias: { eq: "champion-707" } },
    digest: { ...own, digest: { eq: `sha256:${"707".padStart(64, "0")}` } },
    "span of time": { ...own, createdAt: { gte: at(700), lt: at(710) } },
    "metadata range": { ...own, metadata: [{ key: `${project}.score`, gte: 700, lt: 710 }] },
    "metadata text": { ...own, metadata: [{ key: `${project}.name`, eq: "name 707" }] },
    "newest of a project": own,
  };
}

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.trunc(values.length / 2)] ?? 0;
}

/** Milliseconds that a list takes over HTTP: the median of `rounds`, after some rounds to warm up. */
async function timeList(url: string, filter: object, rounds: number): Promise<number> {
  const body = JSON.stringify({ query: list, variables: { filter } });
  const headers = { "content-type": "application/json" };
  const times: number[] = [];
  for (let i = -5; i < rounds; i++) {
    const start = performance.now();
    const answer = (await (await fetch(`${url}/graphql`, { method: "POST", headers, body })).json()) as {
      data?: { versions: { nodes: object[] } };
    };
    if (!answer.data?.versions.nodes.length) throw new Error(`the filter found nothing: ${JSON.stringify(answer)}`);
    if (i >= 0) times.push(performance.now() - start);
  }
  return median(times);
}

async function removeProject(graph: GraphStore, project: string): Promise<void> {
  const nodes = countStatement(
    "MATCH (n {project: $project}) WITH n LIMIT 10000 DETACH DELETE n RETURN count(n) AS count",
  );
  const selectors =
    countStatement(`MATCH (v:Version {project: $project})<-[:POINTS_TO]-(s:Selector) WITH s LIMIT 10000 DETACH DELETE s
    RETURN count(s) AS count`);
  for (const statement of [selectors, nodes]) {
    for (let left = 1; left; ) {
      left = (await graph.write((tx) => tx.run(statement, { project })))[0]?.count ?? 0;
    }
  }
}

/** Times the same filters with each of these numbers of versions, each number in a project of its own that is created when it is needed. */
async function measure(
  graph: GraphStore,
  url: string,
  sizes: number[],
  rounds: number,
): Promise<Map<string, number[]>> {
  const times = new Map<string, number[]>();
  const projects: string[] = [];
  try {
    for (const size of sizes) {
      const project = `bench-${randomBytes(4).toString("hex")}`;
      projects.push(project);
      const start = performance.now();
      await bulkVersions(graph, project, size);
      console.log(`  ${size} versions stored in ${Math.round((performance.now() - start) / 100) / 10} s`);
      for (const [name, filter] of Object.entries(createFilters(project))) {
        times.set(name, [...(times.get(name) ?? []), await timeList(url, filter, rounds)]);
      }
    }
  } finally {
    for (const project of projects) await removeProject(graph, project);
  }
  return times;
}

function report(sizes: number[], times: Map<string, number[]>): void {
  console.log(`  ${"filter".padEnd(22)}${sizes.map((size) => `${size}`.padStart(12)).join("")}${"ratio".padStart(10)}`);
  for (const [name, [few = 0, many = 0]] of times) {
    const shown = [few, many].map((ms) => `${ms.toFixed(1)} ms`.padStart(12)).join("");
    console.log(`  ${name.padEnd(22)}${shown}${(many / few).toFixed(2).padStart(10)}`);
  }
}

/** The smaller and the larger number of versions, and how often each filter is timed. */
function chooseScale(name: string) {
  return name === "neo4j" ? { sizes: [1_000, 100_000], rounds: 40 } : { sizes: [1_000, 20_000], rounds: 20 };
}

async function benchEngine(engine: Engine): Promise<void> {
  console.log(`${engine.name}:`);
  const { sizes, rounds } = chooseScale(engine.name);
  const { PEDIGREE_DATA: folder = "" } = engine.env;
  const config = readConfig({ PORT: "0", LOG_LEVEL: "silent", PEDIGREE_DATA: folder });
  const graph = await engine.open();
  const blobs = filesystemBlobs(join(folder, "blobs"));
  const service = await startService(config, { graph, blobs, newId: randomUUID });
  try {
    report(sizes, await measure(graph, service.url, sizes, rounds));
  } finally {
    await service.close();
  }
}

/**
 * Times the same selective filters with few and many versions: 1,000 and 100,000 on Neo4j (goal: a ratio of at most 2), 1,000 and 20,000 embedded. Removes
 * what it stored.
 */
export function benchFilters(): Promise<void> {
  return forEachEngine(benchEngine);
}
