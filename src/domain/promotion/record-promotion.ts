import type { GateResult } from "../../model/gate.ts";
import type { PromotionKind } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import type { NewEvent, WriteOutcome } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { lockArtifactsThere } from "../recording/lock-artifact.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { findGatedArtifacts } from "./gate-facts.ts";
import { type Move, type Occupancy, recordMoves } from "./moves.ts";
import { getStage, lockStages, type StageRules, type Stages } from "./stages.ts";

/** What was done, by id: the entry in the history, and who held the stage before. */
export interface Promoted {
  promotionId: string | null;
  previousId: string | null;
  /** What the gates said; null for a promotion that was made before. */
  gates: GateResult[] | null;
}

/** A version under the locks of its project's stages and its artifact: `at` is the time by its clock. */
interface Locked {
  row: VersionRow;
  stages: Stages;
  at: number;
}

/** What is done, to whom, in which stage, and why. */
interface Action {
  kind: PromotionKind;
  stage: string;
  previous: string | null;
  reason: string | null;
  moves: Move[];
  forced?: boolean;
  gates?: GateResult[];
}

export async function named(run: Transaction["run"], actor: Actor, ref: string): Promise<VersionRow> {
  const row = (await resolveReferences(run, actor, [{ text: ref, field: "version" }])).get(ref);
  if (row?.state === "DELETED") throw new DomainError("GONE", `${ref} was deleted`, {});
  if (!row) throw notFound(`version ${ref} does not exist`);
  return row;
}

/**
 * The version of a reference as it is under the locks: its project's stages, its artifact, and the artifacts that the gates of a stage look
 * at, in one order for all. A deleted one is `GONE`.
 */
export async function lockNamed(
  context: RequestContext,
  tx: Transaction,
  ref: string,
  into: string | null,
  action: "version:promote" | "version:force" = "version:promote",
): Promise<Locked & { among: string[] }> {
  const { id, project, artifactKey: key } = await named(tx.run, context.actor, ref);
  authorize(context.actor, action, project);
  const stages = await lockStages(context.ports, tx, project);
  const gates = into === null ? [] : getStage(stages, into).gates;
  const locked = await lockArtifactsThere(context.ports, tx, [key, ...(await findGatedArtifacts(tx.run, gates, id))]);
  const own = locked.find(({ artifact }) => artifact.key === key);
  // Read again: an alias or stage may have moved, and what is known of the version changed, before the lock.
  const row = await named(tx.run, context.actor, ref);
  if (!own || row.artifactKey !== key) throw new DomainError("GONE", `${ref} was deleted`, {});
  return { row, stages, at: own.at, among: locked.map(({ artifact }) => artifact.key) };
}

/** Records an action under the locks, with the events that tell of it. */
export async function recordPromotion(
  context: RequestContext,
  tx: Transaction,
  { row, stages, at }: Locked,
  action: Action,
): Promise<WriteOutcome<Promoted>> {
  const { kind, stage, previous, reason, moves, forced = false, gates = [] } = action;
  const [own, ...displaced] = moves;
  const id = context.ports.newId();
  const { project, artifactKey: key } = row;
  const promotion = { id, kind, stage, previous, reason, forced, from: own?.from ?? null, version: row.id };
  await recordMoves(tx.run, stages, moves, {
    ...{ ...promotion, project, artifactKey: key, actor: context.actor.name, at },
    gates: JSON.stringify(gates),
    rank: orderingKey(at, 0, id),
  });
  const about = { at, project, artifactKey: key, kind: row.kind, promotion: id };
  const type = kind === "DEMOTED" ? "VERSION_DEMOTED" : "VERSION_PROMOTED";
  // Who was displaced from the stage itself is told as `previous`; whoever that one displaced in turn has an event of its own.
  const others = displaced
    .slice(1)
    .map(({ version, from }): NewEvent => ({ ...about, type: "VERSION_DEMOTED", version, stage: from ?? "" }));
  const told: NewEvent = { ...about, type, version: row.id, stage, ...(previous && { previous }) };
  return { result: { promotionId: id, previousId: previous, gates }, events: [told, ...others] };
}

export function unchanged(promotionId: string): WriteOutcome<Promoted> {
  return {
    result: { promotionId, previousId: null, gates: null },
    events: [],
  };
}

/** Only an exclusive stage has the one holder that can be expected. */
export function assertExpectedHolder(
  actor: Actor,
  run: Transaction["run"],
  stage: StageRules,
  standing: Occupancy,
  expected: string | null | undefined,
): Promise<void> {
  if (!stage.exclusive && expected !== undefined) {
    throw invalid("expectedCurrent", `${stage.name} is not exclusive: there is no one holder to expect`);
  }
  return assertExpectedCurrent(run, actor, expected, standing.holders.get(stage.name)?.version ?? null);
}
