import type { Transaction } from "../../ports/graph-store.ts";
import { statement, type Value } from "../../ports/statement.ts";
import type { VersionRow } from "../core/version-row.ts";
import type { GateRule } from "./gate-rules.ts";

/** An approval as the graph holds it. */
export interface ApprovalRow {
  [name: string]: Value;
  stage: string;
  actor: string;
  role: string;
  comment?: string | null;
  at: number;
}

type Consumer = { gate: number; id: string; artifactKey: string };
type Input = { id: string; artifactKey: string; stage: string | null };

/** What the gates of a stage look at, of one version. `consumers` are told by the gate that asks for them. */
export interface GateFacts {
  author: string;
  metadata: Record<string, unknown>;
  holder: { id: string; metadata: Record<string, unknown> } | null;
  approvals: ApprovalRow[];
  consumers: Consumer[];
  inputs: Input[];
}

const heldMetadata = statement<{ id: string }, { metadata: string }>("find-metadata");
const approvalsFor = statement<{ version: string; stage: string }, { approval: ApprovalRow }>("find-approvals");
const inputsOf = statement<{ version: string }, Input>("find-direct-inputs");
const consumersOf = statement<
  { version: string; gates: { gate: number; kind: string | null; tag: string | null }[]; among: string[] | null },
  Consumer
>("find-direct-consumers");

function askedConsumers(gates: GateRule[]) {
  return gates.flatMap(({ rule: { requires } }, gate) => {
    const { consumerKind: kind = null, consumerTag: tag = null } = requires ?? {};
    return kind || tag ? [{ gate, kind, tag }] : [];
  });
}

/** The versions that gates about lineage look at; `among` keeps only consumers that belong to these artifacts. */
async function lineageOf(run: Transaction["run"], gates: GateRule[], version: string, among: string[] | null) {
  const asked = askedConsumers(gates);
  return {
    consumers: asked.length ? await run(consumersOf, { version, gates: asked, among }) : [],
    inputs: gates.some(({ rule }) => rule.requires?.inputStage) ? await run(inputsOf, { version }) : [],
  };
}

/** The artifacts of the versions that gates about lineage look at: locked with the version's own, nothing of them changes beside a promotion. */
export async function findGatedArtifacts(
  run: Transaction["run"],
  gates: GateRule[],
  version: string,
): Promise<string[]> {
  const { consumers, inputs } = await lineageOf(run, gates, version, null);
  return [...consumers, ...inputs].map(({ artifactKey }) => artifactKey);
}

function parse(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

/** What the gates of a stage look at, read once for all of them; `among` are the artifacts that are locked, null for a look without locks. */
export async function findGateFacts(
  run: Transaction["run"],
  { name, gates }: { name: string; gates: GateRule[] },
  row: VersionRow,
  holder: string | null,
  among: string[] | null,
): Promise<GateFacts> {
  const comparesHolder = holder !== null && gates.some(({ rule }) => rule.metadata?.holder);
  const [held] = comparesHolder ? await run(heldMetadata, { id: holder }) : [];
  const counts = gates.some(({ rule }) => rule.approvals);
  const approvals = counts ? await run(approvalsFor, { version: row.id, stage: name }) : [];
  return {
    author: row.author,
    metadata: parse(row.metadata),
    holder: holder && held ? { id: holder, metadata: parse(held.metadata) } : null,
    approvals: approvals.map(({ approval }) => approval),
    ...(await lineageOf(run, gates, row.id, among)),
  };
}
