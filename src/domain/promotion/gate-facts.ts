import * as v from "valibot";
import { Kind } from "../../model/enums.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import { nullable, statement } from "../../ports/statement.ts";
import { parseJson } from "../core/row-values.ts";
import type { VersionRow } from "../core/version-row.ts";
import { type GateRule, getNamedProjects } from "./gate-rules.ts";

/** The properties of an approval node; `role` is the role that the actor had in the project at that time. */
export const approvalRow = v.object({
  stage: v.string(),
  actor: v.string(),
  role: v.string(),
  comment: nullable(v.string()),
  at: v.number(),
});
type ApprovalRow = v.InferOutput<typeof approvalRow>;

/** A consumer that the gate at this index asks for. */
const consumerRow = v.object({ gate: v.number(), id: v.string(), project: v.string(), artifactKey: v.string() });
type Consumer = v.InferOutput<typeof consumerRow>;

/** A version that another was made from, with the stage that it is in. */
const inputRow = v.object({
  id: v.string(),
  project: v.string(),
  artifactKey: v.string(),
  stage: nullable(v.string()),
});
type Input = v.InferOutput<typeof inputRow>;

/** Everything about one version that the gates of a stage look at. Facts that no gate needs are empty. */
export interface GateFacts {
  project: string;
  author: string;
  metadata: Record<string, unknown>;
  holder: { id: string; metadata: Record<string, unknown> } | null;
  approvals: ApprovalRow[];
  consumers: Consumer[];
  inputs: Input[];
}

const findMetadata = statement({
  name: "find-metadata",
  params: { id: v.string() },
  row: { metadata: v.string() },
});
const findApprovals = statement({
  name: "find-approvals",
  params: { version: v.string(), stage: v.string() },
  row: { approval: approvalRow },
});
const findDirectInputs = statement({
  name: "find-direct-inputs",
  params: { version: v.string() },
  row: inputRow.entries,
});
const findDirectConsumers = statement({
  name: "find-direct-consumers",
  params: {
    version: v.string(),
    consumerRules: v.array(
      v.object({
        gate: v.number(),
        kind: nullable(v.enum(Kind)),
        tag: nullable(v.string()),
        projects: v.array(v.string()),
      }),
    ),
    artifacts: nullable(v.array(v.string())),
  },
  row: consumerRow.entries,
});

function toConsumerRules(gates: GateRule[], project: string) {
  return gates.flatMap(({ rule: { requires } }, gate) => {
    const { consumerKind: kind = null, consumerTag: tag = null, projects = [] } = requires ?? {};
    return kind || tag ? [{ gate, kind, tag, projects: [project, ...projects] }] : [];
  });
}

/** A version to promote, and the project that it and the stage belong to. */
type Promoted = Pick<VersionRow, "id" | "project">;

/**
 * The versions that gates about lineage look at: consumers only in the stage's own project and in those that a gate names. With `artifacts` (keys),
 * only consumers that are versions of these.
 */
async function findGateLineage(
  run: Transaction["run"],
  gates: GateRule[],
  { id: version, project }: Promoted,
  artifacts: string[] | null,
): Promise<Pick<GateFacts, "consumers" | "inputs">> {
  const consumerRules = toConsumerRules(gates, project);
  return {
    consumers: consumerRules.length ? await run(findDirectConsumers, { version, consumerRules, artifacts }) : [],
    inputs: gates.some(({ rule }) => rule.requires?.inputStage) ? await run(findDirectInputs, { version }) : [],
  };
}

/**
 * The keys of the artifacts whose versions the gates about lineage look at. Locked together with the version's own artifact, none of those
 * versions changes during a promotion.
 */
export async function findGatedArtifacts(
  run: Transaction["run"],
  gates: GateRule[],
  version: Promoted,
): Promise<string[]> {
  const { consumers, inputs } = await findGateLineage(run, gates, version, null);
  const counted = [version.project, ...getNamedProjects(gates)];
  return [...consumers, ...inputs].flatMap((row) => (counted.includes(row.project) ? [row.artifactKey] : []));
}

function parseMetadata(json: string): Record<string, unknown> {
  return parseJson<Record<string, unknown>>(json) ?? {};
}

/**
 * Everything that the gates of a stage look at, read once for all of them. `holder` is the id of the current holder to compare with;
 * `lockedArtifacts` are keys, null when nothing is locked.
 */
export async function findGateFacts(
  run: Transaction["run"],
  { name, gates }: { name: string; gates: GateRule[] },
  row: VersionRow,
  holder: string | null,
  lockedArtifacts: string[] | null,
): Promise<GateFacts> {
  const needsHolder = holder !== null && gates.some(({ rule }) => rule.metadata?.holder);
  const [holderRow] = needsHolder ? await run(findMetadata, { id: holder }) : [];
  const needsApprovals = gates.some(({ rule }) => rule.approvals);
  const approvals = needsApprovals ? await run(findApprovals, { version: row.id, stage: name }) : [];
  return {
    project: row.project,
    author: row.author,
    metadata: parseMetadata(row.metadata),
    holder: holder && holderRow ? { id: holder, metadata: parseMetadata(holderRow.metadata) } : null,
    approvals: approvals.map(({ approval }) => approval),
    ...(await findGateLineage(run, gates, row, lockedArtifacts)),
  };
}
