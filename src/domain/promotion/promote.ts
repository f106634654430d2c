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
  assertExpectedHolder,
  lockNamed,
  named,
  type Promoted,
  recordPromotion,
  unchanged,
} from "./record-promotion.ts";
import { authorizeStages, findStages, getStage, type Stages } from "./stages.ts";

/** What promoting a version would do; `among` are the artifacts that are locked, null for a look without locks. */
async function evaluate(
  run: Transaction["run"],
  actor: Actor,
  { row, stages, among }: { row: VersionRow; stages: Stages; among: string[] | null },
  { stage: name, expectedCurrent }: PromoteInput,
) {
  const stage = getStage(stages, name);
  const standing = await findOccupancy(run, stages, row.artifactKey, row.id);
  authorizeStages(actor, row.project, [stage, stages.get(standing.own?.stage ?? "")]);
  await assertExpectedHolder(actor, run, stage, standing, expectedCurrent);
  const present = standing.own?.stage === name ? standing.own.promotion : null;
  const moves = planMoves(stages, standing, row, name);
  const previous = present === null ? (moves[1]?.version ?? null) : null;
  const facts = present === null ? await findGateFacts(run, stage, row, previous, among) : null;
  return { present, moves, previous, gates: facts && evaluateGates(stage.gates, facts) };
}

/** What would happen, without a lock and without a trace. */
async function dryRun(context: RequestContext, input: PromoteInput): Promise<Promoted> {
  const { read } = context.ports.graph;
  const row = await named(read, context.actor, input.version);
  authorize(context.actor, input.force ? "version:force" : "version:promote", row.project);
  const stages = await findStages(read, row.project);
  const { present, previous, gates } = await evaluate(read, context.actor, { row, stages, among: null }, input);
  return present === null ? { promotionId: null, previousId: previous, gates: gates ?? [] } : unchanged(present).result;
}

/**
 * Moves a version into a stage; the holder of an exclusive one moves out in the same transaction. Promoting who is there already changes
 * nothing. `CONFLICT` with the actual holder when it isn't who was expected, `GATE_FAILED` unless all gates pass or it is forced, `GONE` for
 * a deleted version. A dry run only tells what would happen.
 */
export async function promote(context: RequestContext<"eventLog">, input: PromoteInput): Promise<Promoted> {
  const stage = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  if (input.dryRun) return dryRun(context, input);
  const forced = input.force ?? false;
  const { result } = await runIdempotent(context, async (tx) => {
    const locked = await lockNamed(context, tx, input.version, stage, forced ? "version:force" : "version:promote");
    const { present, moves, previous, gates } = await evaluate(tx.run, context.actor, locked, input);
    if (present !== null) return unchanged(present);
    const results = gates ?? [];
    if (!forced) assertGatesPassed(results);
    const action = { kind: "PROMOTED" as const, stage, previous, reason, moves, forced, gates: results };
    return recordPromotion(context, tx, locked, action);
  });
  return result;
}
