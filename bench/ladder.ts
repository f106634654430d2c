import { randomBytes } from "node:crypto";
import { readConfig } from "../src/config.ts";
import type { GraphStore, WalkBounds } from "../src/ports/graph-store.ts";
import { startService } from "../src/service.ts";
import { ask } from "./client.ts";
import { type Engine, forEachEngine } from "./engines.ts";
import { measureInterleaved } from "./measure.ts";

const diamonds = 60;
/** A chain with as many nodes (3 per diamond) and edges (4 per diamond): two of three links are doubled. */
const links = (diamonds * 3) / 2;

type Step = { name: string; inputs: { step: string; output: string; slot?: string }[]; outputs: { name: string }[] };

function createOutputs(names: string[], i: number) {
  return names.map((name) => ({ name: `${name}${i}` }));
}

/** Each step reads both outputs of the previous one, which makes 2^60 paths from end to end. */
function createLadder(): Step[] {
  return Array.from({ length: diamonds }, (_, i) => ({
    name: `s${i}`,
    inputs: i ? createOutputs(["a", "b"], i - 1).map(({ name }) => ({ step: `s${i - 1}`, output: name })) : [],
    outputs: createOutputs(["a", "b"], i),
  }));
}

function createChain(): Step[] {
  return Array.from({ length: links }, (_, i) => ({
    name: `s${i}`,
    inputs: i ? (i % 3 ? ["", "again"] : [""]).map((slot) => ({ step: `s${i - 1}`, output: `c${i - 1}`, slot })) : [],
    outputs: createOutputs(["c"], i),
  }));
}

const publishMutation = `mutation ($input: PublishRunInput!) {
  publishRun(input: $input) { run { steps(first: 500) { nodes { name outputs { nodes { version { id } } } } } } }
}`;
type Published = {
  publishRun: { run: { steps: { nodes: { name: string; outputs: { nodes: { version: { id: string } }[] } }[] } } };
};

/** Publishes a run; resolves with the ids of a version of its first step and of one of its last. */
async function publishRun(url: string, project: string, pipeline: string, steps: Step[]) {
  const { publishRun } = await ask<Published>(url, publishMutation, { input: { project, pipeline, steps } });
  const idOf = (name: string) =>
    publishRun.run.steps.nodes.find((step) => step.name === name)?.outputs.nodes[0]?.version.id ?? "";
  return { DOWNSTREAM: idOf("s0"), UPSTREAM: idOf(`s${steps.length - 1}`) };
}

const lineageQuery = `query ($of: [VersionRef!]!, $direction: Direction) {
  lineage(of: $of, direction: $direction, limit: 10000) { nodes { id depth } edges { from to kind } truncated }
}`;
type Lineage = { lineage: { nodes: { depth: number }[]; edges: unknown[] } };

type WalkDirection = "UPSTREAM" | "DOWNSTREAM";
type Roots = Record<WalkDirection, string>;
type Candidates = { walk: (id: string) => Promise<unknown>; ask: (id: string) => Promise<unknown> };

function createBounds(direction: WalkDirection): WalkBounds {
  return {
    direction,
    depth: 10_000,
    limit: 10_000,
    shown: "EXECUTION",
    showIf: null,
    stopIf: null,
    params: {},
  };
}

function createCandidates(store: GraphStore, url: string, direction: WalkDirection): Candidates {
  return {
    walk: (id) => store.walk([[id]], createBounds(direction)),
    ask: (id) => ask(url, lineageQuery, { of: [id], direction }),
  };
}

async function describeSize(url: string, id: string): Promise<string> {
  const { nodes, edges } = (await ask<Lineage>(url, lineageQuery, { of: [id], direction: "UPSTREAM" })).lineage;
  return `${nodes.length} nodes, ${edges.length} edges, depth ${Math.max(...nodes.map(({ depth }) => Math.abs(depth)))}`;
}

async function compare(what: string, run: (id: string) => Promise<unknown>, ladder: string, chain: string) {
  const times = await measureInterleaved({ ladder: () => () => run(ladder), chain: () => () => run(chain) }, 61, 15);
  const ratio = times.ladder / times.chain;
  console.log(
    `  ${what}: ladder ${times.ladder.toFixed(2)} ms, chain ${times.chain.toFixed(2)} ms, ratio ${ratio.toFixed(2)} (goal at most 1.5)`,
  );
}

/** Compares a ladder with a chain on one engine. */
export async function measureLadder(engine: Engine): Promise<void> {
  const graph = await engine.open();
  const service = await startService(readConfig({ PORT: "0", LOG_LEVEL: "silent", ...engine.env }), { graph });
  const project = `bench-${randomBytes(4).toString("hex")}`;
  const ladder: Roots = await publishRun(service.url, project, "ladder", createLadder());
  const chain: Roots = await publishRun(service.url, project, "chain", createChain());
  console.log(
    `${engine.name}: ladder of ${await describeSize(service.url, ladder.UPSTREAM)}; chain of ${await describeSize(service.url, chain.UPSTREAM)}`,
  );
  for (const direction of ["UPSTREAM", "DOWNSTREAM"] as const) {
    const candidates = createCandidates(graph, service.url, direction);
    await compare(`${direction.toLowerCase()}, the walk alone`, candidates.walk, ladder[direction], chain[direction]);
    await compare(`${direction.toLowerCase()}, by GraphQL`, candidates.ask, ladder[direction], chain[direction]);
  }
  await service.close();
}

/** Compares a ladder of diamonds, full of paths, with a chain of as many nodes and edges, on each engine. */
export function benchLadder(): Promise<void> {
  return forEachEngine(measureLadder);
}
