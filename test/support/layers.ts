import { randomUUID } from "node:crypto";
import type { GraphStore } from "../../src/ports/graph-store.ts";
import type { Params, Statement } from "../../src/ports/statement.ts";

function say(text: string): Statement<Params, never> {
  return { name: "layers", text };
}
const createArtifacts = say("UNWIND $rows AS row CREATE (a:Entity:Artifact) SET a = row");
const createVersions = say(`UNWIND $rows AS row
  MATCH (a:Artifact {key: row.artifactKey}) CREATE (v:Entity:Version) SET v = row CREATE (v)-[:VERSION_OF]->(a)`);
const createSteps = say("UNWIND $rows AS row CREATE (x:Entity:Execution:Step) SET x = row");
function link(from: string, type: string, to: string) {
  return say(`UNWIND $rows AS row MATCH (a:Entity:${from} {id: row.from}) MATCH (b:Entity:${to} {id: row.to})
    CREATE (a)-[:${type} {slot: row.slot, role: '', at: row.at, rank: row.rank}]->(b)`);
}
const linkConsumed = link("Version", "CONSUMED_BY", "Execution");
const linkProduced = link("Execution", "PRODUCED", "Version");

/** Layers of steps. Each step reads versions of the previous layer, at these offsets, and makes one; a final step reads the last layer. */
export interface LayersShape {
  layers: number;
  width: number;
  reads: number[];
  nodes: number;
}

/** About 1,000 nodes: with a million paths through them, and with few. */
export const deep: LayersShape = { layers: 10, width: 50, reads: [0, 1, 7], nodes: 1_002 };
export const wide: LayersShape = { layers: 3, width: 167, reads: [0, 1], nodes: 1_004 };

type Row = Record<string, string | number | null>;
type Edge = { from: string; to: string; slot: string; at: number; rank: string };
type Rows = { versions: Row[]; steps: Row[]; consumed: Edge[]; produced: Edge[] };

function versionRow(project: string, name: string, number: number): Row {
  const artifactKey = `${project}/${name}`;
  return {
    ...{ id: randomUUID(), key: `${artifactKey}:${number}`, project, artifactKey, artifact: name, number },
    ...{ kind: number % 2 ? "MODEL" : "DATASET", state: "READY", author: "bulk", text: name, nameKey: name },
    ...{
      metadata: JSON.stringify({ rows: number, source: name, data: { score: 0.5 } }),
      location: `s3://bulk/${name}`,
    },
    ...{ digest: `sha256:${String(number).padStart(64, "0")}`, size: number, createdAt: number, updatedAt: number },
  };
}

function stepRow(project: string, name: string, number: number): Row {
  return {
    ...{ id: randomUUID(), label: "Step", project, name, status: "COMPLETED", author: "bulk", pipeline: "layers" },
    ...{
      parameters: JSON.stringify({ rate: 0.1, depth: number }),
      metadata: "{}",
      metrics: JSON.stringify({ loss: 0.2 }),
    },
    ...{ createdAt: number, startedAt: number, endedAt: number, clock: number, heartbeatAt: number },
    ...{ rank: name, run: "none", runId: "none", runName: "layers", nameKey: name, text: name },
  };
}

/** The rows of one pipeline, and the id of its last version, which has all of it upstream. */
function pipelineRows(project: string, number: number, shape: LayersShape): Rows & { last: string } {
  const rows: Rows = { versions: [], steps: [], consumed: [], produced: [] };
  const make = (name: string, inputs: string[]): string => {
    const [step, version] = [stepRow(project, name, number), versionRow(project, name, number)];
    rows.steps.push(step);
    rows.versions.push(version);
    const edge = (from: string, to: string, slot: string) => ({ from, to, slot, at: number, rank: `${slot}` });
    rows.consumed.push(...inputs.map((from, i) => edge(from, String(step.id), `in${i}`)));
    rows.produced.push(edge(String(step.id), String(version.id), "out"));
    return String(version.id);
  };
  let layer: string[] = [];
  for (let l = 0; l < shape.layers; l++) {
    const before = layer;
    const readsOf = (i: number) => shape.reads.flatMap((away) => before[(i + away) % shape.width] ?? []);
    layer = Array.from({ length: shape.width }, (_, i) => make(`layer-${l}/part-${i}`, readsOf(i)));
  }
  return { ...rows, last: make("model", layer) };
}

function namesOf({ layers, width }: LayersShape): string[] {
  return [
    ...Array.from({ length: layers * width }, (_, n) => `layer-${Math.trunc(n / width)}/part-${n % width}`),
    "model",
  ];
}

function artifactRow(project: string, name: string): Row {
  return {
    ...{ id: randomUUID(), key: `${project}/${name}`, project, name, kind: "DATASET", number: 0, clock: 0 },
    ...{ createdAt: 0, updatedAt: 0, text: name, nameKey: name },
  };
}

/**
 * Inserts runs of a layered pipeline directly into a store, about 1,000 nodes each, connected only by their artifacts. Runs before `first`
 * exist already. Resolves with the id of the last version of each run.
 */
export async function bulkLayers(
  graph: GraphStore,
  project: string,
  shape: LayersShape,
  pipelines: number,
  first = 1,
): Promise<string[]> {
  const last: string[] = [];
  if (first === 1)
    await graph.write((tx) =>
      tx.run(createArtifacts, { rows: namesOf(shape).map((name) => artifactRow(project, name)) }),
    );
  for (let from = first; from < first + pipelines; from += 10) {
    const all = Array.from({ length: Math.min(10, first + pipelines - from) }, (_, i) =>
      pipelineRows(project, from + i, shape),
    );
    last.push(...all.map((one) => one.last));
    await graph.write(async (tx) => {
      await tx.run(createVersions, { rows: all.flatMap(({ versions }) => versions) });
      await tx.run(createSteps, { rows: all.flatMap(({ steps }) => steps) });
      await tx.run(linkConsumed, { rows: all.flatMap(({ consumed }) => consumed) });
      await tx.run(linkProduced, { rows: all.flatMap(({ produced }) => produced) });
    });
  }
  return last;
}
