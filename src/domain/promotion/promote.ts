import type { PromoteInput } from "../../model/promotion.ts";
import type { Transaction } from "../../ports/graph-store.ts";
import type { RequestContext } from "../core/context.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { type Actor, authorize } from "../core/permissions.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import type { VersionRow } from "../core/version-row.ts";
import { findGateFacts } from "./gate-facts.ts";
import { assertGatesPassed, evaluateGates } from "./gates.ts";
import { findOccupancy, planMoves } from "./moves.ts";
import {
  alreadyPromoted,
  assertExpectedStageHolder,
  findVersionToMove,
  lockVersionToMove,
  type PromotionResult,
  recordPromotion,
} from "./record-promotion.ts";
import { authorizeStages, findStages, getStage, type Stages } from "./stages.ts";

/** A version that may be promoted. `lockedArtifacts` are keys, null when nothing is locked. */
interface Candidate {
  row: VersionRow;
  stages: Stages;
  lockedArtifacts: string[] | null;
}

/**
 * What promoting a version would do: the moves, the version that would lose the stage, and the results of the gates. For a version that is in
 * the stage already, `existing` is the id of the promotion that brought it there, and no gates are evaluated.
 */
async function evaluate(
  run: Transaction["run"],
  actor: Actor,
  { row, stages, lockedArtifacts }: Candidate,
  { stage: name, expectedCurrent }: PromoteInput,
) {
  const stage = getStage(stages, name);
  const occupancy = await findOccupancy(run, stages, row.artifactKey, row.id);
  authorizeStages(actor, row.project, [stage, stages.get(occupancy.own?.stage ?? "")]);
  await assertExpectedStageHolder(actor, run, stage, occupancy, expectedCurrent);
  const moves = planMoves(stages, occupancy, row, name);
  if (occupancy.own?.stage === name) return { existing: occupancy.own.promotion, moves, previous: null, gates: [] };
  const previous = moves[1]?.version ?? null;
  const facts = await findGateFacts(run, stage, row, previous, lockedArtifacts);
  return { existing: null, moves, previous, gates: evaluateGates(stage.gates, facts) };
}

/** What would happen, without locking or writing anything. */
async function dryRun(context: RequestContext, input: PromoteInput): Promise<PromotionResult> {
  const { read } = context.ports.graph;
  const row = await findVersionToMove(read, context.actor, input.version);
  authorize(context.actor, input.force ? "version:force" : "version:promote", row.project);
  const stages = await findStages(read, row.project);
  const candidate = { row, stages, lockedArtifacts: null };
  const { existing, previous, gates } = await evaluate(read, context.actor, candidate, input);
  if (existing !== null) return alreadyPromoted(existing).result;
  return { promotionId: null, previousId: previous, gates };
}

/**
 * Moves a version into a stage; the holder of an exclusive stage moves out in the same transaction. Promoting a version that is in the stage
 * already changes nothing. `CONFLICT` with the actual holder when it is not the expected one, `GATE_FAILED` unless all gates pass or it is
 * forced, `GONE` for a deleted version. A dry run only returns what would happen.
 */
export async function promote(context: RequestContext<"eventLog">, input: PromoteInput): Promise<PromotionResult> {
  const stage = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  if (input.dryRun) return dryRun(context, input);
  const forced = input.force ?? false;
  const { result } = await runIdempotent(context, async (tx) => {
    const permission = forced ? "version:force" : "version:promote";
    const locked = await lockVersionToMove(context, tx, input.version, stage, permission);
    const { existing, moves, previous, gates } = await evaluate(tx.run, context.actor, locked, input);
    if (existing !== null) return alreadyPromoted(existing);
    if (!forced) assertGatesPassed(gates);
    return recordPromotion(context, tx, locked, { kind: "PROMOTED", stage, previous, reason, moves, forced, gates });
  });
  return result;
}
