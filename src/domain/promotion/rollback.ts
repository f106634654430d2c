import type { RollbackInput } from "../../model/promotion.ts";
import type { RequestContext } from "../core/context.ts";
import { invalid, notFound } from "../core/errors.ts";
import { runIdempotent } from "../core/idempotent-write.ts";
import { authorize } from "../core/permissions.ts";
import { validateSelectorName, validateText } from "../core/validation.ts";
import { artifactKey } from "../core/version-uri.ts";
import { lockArtifact } from "../recording/locks.ts";
import { findFormerHolder } from "./former-holders.ts";
import { findOccupancy, planMoves } from "./moves.ts";
import { assertExpectedStageHolder, type PromotionResult, recordPromotion } from "./record-promotion.ts";
import { authorizeStages, getStage, lockStages } from "./stages.ts";

/**
 * Gives an exclusive stage back to the version that held it before the current holder, or to its last holder when nobody holds it. Repeated calls
 * go back further; deleted versions are skipped and gates are not evaluated. `NOT_FOUND` when there is no former holder.
 */
export async function rollback(context: RequestContext<"eventLog">, input: RollbackInput): Promise<PromotionResult> {
  const { project } = input;
  const name = validateSelectorName(input.stage, "stage");
  const reason = validateText(input.reason, "reason");
  authorize(context.actor, "version:promote", project);
  const key = artifactKey(project, input.name);
  const { result } = await runIdempotent(context, async (tx) => {
    const stages = await lockStages(context.ports, tx, project);
    const { at } = await lockArtifact(context.ports, tx, key);
    const stage = getStage(stages, name);
    if (!stage.exclusive)
      throw invalid("stage", `stage "${name}" is not exclusive, so it has no holder to go back from`);
    const previous = (await findOccupancy(tx.run, stages, key, null)).holders.get(name)?.version ?? null;
    const row = await findFormerHolder(tx.run, key, name, previous);
    const occupancy = await findOccupancy(tx.run, stages, key, row?.id ?? null);
    authorizeStages(context.actor, project, [stage, stages.get(occupancy.own?.stage ?? "")]);
    await assertExpectedStageHolder(context.actor, tx.run, stage, occupancy, input.expectedCurrent);
    if (!row) throw notFound(`stage "${name}" of ${key} has no former holder to go back to`);
    const moves = planMoves(stages, occupancy, row, name);
    const locked = { row, stages, at };
    return recordPromotion(context, tx, locked, { kind: "ROLLED_BACK", stage: name, previous, reason, moves });
  });
  return result;
}
