import type { GateResult } from "../../model/gate.ts";
import type { PromotionKind } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { DomainError, invalid, notFound } from "../core/errors.ts";
import type { NewEvent, WriteOutcome } from "../core/idempotent-write.ts";
import { orderingKey } from "../core/ordering-key.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import type { VersionRow } from "../core/version-row.ts";
import { lockExistingArtifacts } from "../recording/locks.ts";
import { assertExpectedCurrent } from "../references/compare-and-set.ts";
import { resolveReferences } from "../references/resolve-reference.ts";
import { findGatedArtifacts } from "./gate-facts.ts";
import { type Move, type Occupancy, recordMoves } from "./moves.ts";
import { getStage, lockStages, type StageRules, type Stages, toShownRules } from "./stages.ts";

/** What a promotion, demotion or rollback did, by id: its entry in the history, and the version that held the stage before. */
export interface PromotionResult {
  promotionId: string | null;
  previousId: string | null;
  /** The results of the gates; null for a version that was in the stage already, whose entry in the history has them. */
  gates: GateResult[] | null;
}

/** A version under the locks of its project's stages and its artifact; `at` is the time by the artifact's clock, in milliseconds. */
interface LockedVersion {
  row: VersionRow;
  stages: Stages;
  at: number;
}

/** What is done with a version, in which stage, and why. The first move is the version's own. */
interface StageAction {
  kind: PromotionKind;
  stage: string;
  previous: string | null;
  reason: string | null;
  moves: Move[];
  forced?: boolean;
  gates?: GateResult[];
}

/** The version that a reference names. `NOT_FOUND` when there is none, `GONE` when it was deleted. */
export async function findVersionToMove(run: Transaction["run"], actor: Actor, ref: string): Promise<VersionRow> {
  const row = (await resolveReferences(run, actor, [{ text: ref, field: "version" }])).get(ref);
  if (row?.state === "DELETED") throw new DomainError("GONE", `version ${ref} was deleted`, {});
  if (!row) throw notFound(`version ${ref} does not exist`);
  return row;
}

/**
 * Locks the version that a reference names: the stages of its project, its artifact, and the artifacts that the gates of `stage` (null for none)
 * look at, in the same order for every caller. `lockedArtifacts` are the keys of these artifacts. `NOT_FOUND` when there is no such version,
 * `GONE` when it was deleted.
 */
export async function lockVersionToMove(
  context: RequestContext,
  tx: Transaction,
  ref: string,
  stage: string | null,
  action: "version:promote" | "version:force" = "version:promote",
): Promise<LockedVersion & { lockedArtifacts: string[] }> {
  const { id, project, artifactKey: key } = await findVersionToMove(tx.run, context.actor, ref);
  authorize(context.actor, action, project);
  const stages = await lockStages(context.ports, tx, project);
  const gates = stage === null ? [] : getStage(stages, stage).gates;
  const locked = await lockExistingArtifacts(context.ports, tx, [
    key,
    ...(await findGatedArtifacts(tx.run, gates, id)),
  ]);
  const own = locked.find(({ artifact }) => artifact.key === key);
  // Read again: before the lock an alias or stage may have moved, and the version's metadata may have changed.
  const row = await findVersionToMove(tx.run, context.actor, ref);
  if (!own || row.artifactKey !== key) throw new DomainError("GONE", `version ${ref} was deleted`, {});
  return { row, stages, at: own.at, lockedArtifacts: locked.map(({ artifact }) => artifact.key) };
}

/** Records an action under the locks, and returns its result with its events. */
export async function recordPromotion(
  context: RequestContext,
  tx: Transaction,
  { row, stages, at }: LockedVersion,
  action: StageAction,
): Promise<WriteOutcome<PromotionResult>> {
  const { kind, stage, previous, reason, moves, forced = false, gates = [] } = action;
  const { project, artifactKey } = row;
  const [own, ...displaced] = moves;
  const id = context.ports.newId();
  await recordMoves(tx.run, stages, moves, {
    id,
    kind,
    project,
    artifactKey,
    version: row.id,
    stage,
    from: own?.from ?? null,
    previous,
    actor: context.actor.name,
    reason,
    forced,
    gates: JSON.stringify(gates),
    rules: JSON.stringify(toShownRules(getStage(stages, stage))),
    at,
    rank: orderingKey(at, 0, id),
  });
  const fields = { at, project, artifactKey, kind: row.kind, promotion: id };
  const type = kind === "DEMOTED" ? "VERSION_DEMOTED" : "VERSION_PROMOTED";
  const event: NewEvent = { ...fields, type, version: row.id, stage, ...(previous && { previous }) };
  // The version displaced from the stage itself is the event's `previous`; each one displaced further on has its own event.
  const others = displaced
    .slice(1)
    .map(({ version, from }): NewEvent => ({ ...fields, type: "VERSION_DEMOTED", version, stage: from ?? "" }));
  return { result: { promotionId: id, previousId: previous, gates }, events: [event, ...others] };
}

/** The result for a version that is in the stage already, brought there by this entry in the history. */
export function alreadyPromoted(promotionId: string): WriteOutcome<PromotionResult> {
  return { result: { promotionId, previousId: null, gates: null }, events: [] };
}

/**
 * Rejects with `CONFLICT` unless the stage is held as `expected` says: a reference to a version, null for nobody, undefined to skip the check.
 * An expectation about a stage that is not exclusive is `INVALID_INPUT`.
 */
export function assertExpectedStageHolder(
  actor: Actor,
  run: Transaction["run"],
  stage: StageRules,
  occupancy: Occupancy,
  expected: string | null | undefined,
): Promise<void> {
  if (!stage.exclusive && expected !== undefined) {
    const message = `must be omitted for stage "${stage.name}": only an exclusive stage has a single holder to expect`;
    throw invalid("expectedCurrent", message);
  }
  return assertExpectedCurrent(run, actor, expected, occupancy.holders.get(stage.name)?.version ?? null);
}
